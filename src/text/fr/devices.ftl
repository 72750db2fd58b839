devices-title = Appareils
devices-count =
    { $count ->
        [one] { $count } appareil, le dernier utilisé en premier
       *[other] { $count } appareils, le dernier utilisé en premier
    }
devices-books =
    { $count ->
        [one] { $count } livre
       *[other] { $count } livres
    }
devices-calls-itself = s’annonce comme <bdi>{ $name }</bdi>
devices-change = Renommer ou oublier
devices-change-label = Renommer ou oublier { $name }
devices-name-label = Votre nom pour cet appareil
devices-name-about = Par exemple « Kobo de la cuisine ». Laissez le champ vide pour garder le nom que l’appareil envoie.
devices-name-too-long = Le nom n’a pas été enregistré : il dépasse { $limit } caractères. Raccourcissez-le.
devices-name-control = Le nom n’a pas été enregistré : il contient des caractères de contrôle, comme un saut de ligne. Supprimez-les.
devices-forget = Oublier
devices-forget-label = Oublier { $name }
devices-forget-about = Oublier retire l’appareil de cette liste jusqu’à son prochain envoi. Ses positions, son repère et son nom restent.

account-title = Compte
account-heading = Compte <bdi>{ $name }</bdi>
account-language-and-time = Langue et heure
account-language = Langue
account-language-default = Celle du navigateur
account-time-zone = Fuseau horaire
account-time-zone-default = Celui du serveur ({ $zone })
account-day-end = Votre journée se termine à
account-day-end-about = Ce que vous lisez avant cette heure compte pour la veille.
account-day-end-midnight = minuit
account-no-such-choice = Ce choix n’existe pas. Rechargez la page et choisissez parmi ceux qu’elle propose.
account-usage =
    { $count ->
        [one] Vous avez { $count } livre sur { $max_documents } au plus. Ses positions et son historique occupent { $used } sur { $max } ; au-delà, les plus anciennes positions des historiques disparaissent.
       *[other] Vous avez { $count } livres sur { $max_documents } au plus. Leurs positions et historiques occupent { $used } sur { $max } ; au-delà, les plus anciennes positions des historiques disparaissent.
    }
account-why = <a href="{ $link }">Pourquoi la synchronisation échoue-t-elle ?</a> Ce que vos appareils ont demandé et envoyé.
account-position = Quelle position vos appareils reçoivent
account-position-about = Chaque position va dans l’historique du livre, quel que soit votre choix. Un autre choix ne déplace rien de lui-même : il s’applique à partir de la position suivante.
account-rule-newest = Là où j’ai lu en dernier
account-rule-furthest = Là où je suis le plus loin
account-rule-last = Ce qui a été envoyé en dernier
account-rule-newest-about = L’endroit que l’un de vos appareils a atteint en dernier ; un appareil que l’on ouvre sans lire, ou qui envoie d’anciens endroits en retard, ne le déplace pas.
account-rule-furthest-about = L’endroit le plus avancé dans le livre, quel que soit le moment où un appareil l’a atteint ; pour recommencer un livre, utilisez « Recommencer » sur sa page.
account-rule-last-about = Ce qu’un appareil a envoyé en dernier, même ancien, comme sur le serveur officiel de KOReader.
account-rule-default-newest = Le réglage du serveur (là où j’ai lu en dernier)
account-rule-default-furthest = Le réglage du serveur (là où je suis le plus loin)
account-rule-default-last = Le réglage du serveur (ce qui a été envoyé en dernier)
account-rule-default-about = Suit ce que l’administrateur du serveur a réglé.
account-change-password = Changer de mot de passe
account-password-configured = La configuration du serveur rétablit ce mot de passe à chaque démarrage. Changez-le plutôt dans la configuration.
account-password-about = Ensuite, reconnectez chacun de vos appareils avec le nouveau mot de passe, sauf ceux qui ont un <a href="{ $link }">mot de passe d’appareil</a> : ceux-là restent connectés. Révoquez donc les mots de passe d’appareil que vous ne connaissez pas. Tous les autres navigateurs sont déconnectés.
account-delete = Supprimer le compte
account-delete-about = Cela supprime définitivement ce que le serveur a de vous : positions, historiques, noms, jours de lecture et fichiers. Vos livres restent sur vos appareils.
account-delete-protected = Le compte admin ne peut pas être supprimé.
account-delete-named = Supprimer le compte <bdi>{ $name }</bdi> ?
account-delete-named-about =
    { $count ->
        [one] Cela supprime définitivement le compte avec { $count } livre : positions, historiques, noms, jours de lecture et fichiers. Les livres restent sur ses appareils.
       *[other] Cela supprime définitivement le compte avec { $count } livres : positions, historiques, noms, jours de lecture et fichiers. Les livres restent sur ses appareils.
    }
account-delete-confirm = Supprimer
account-cancel = Annuler

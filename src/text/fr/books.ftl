books-title = Mes livres
books-search-label = Titre, auteur, fichier ou identifiant du document
books-search = Rechercher
books-refine = Trier et filtrer
books-sort = Trier par
books-sort-last = Dernière lecture
books-sort-title = Titre
books-sort-author = Auteur
books-sort-progress = Progression
books-device = Lu sur
books-all = Tous
books-only-unnamed = Seulement les livres sans nom
books-show = Afficher
books-count-last =
    { $count ->
        [one] { $count } livre, le dernier lu en premier
       *[other] { $count } livres, le dernier lu en premier
    }
books-count-title =
    { $count ->
        [one] { $count } livre, par titre
       *[other] { $count } livres, par titre
    }
books-count-author =
    { $count ->
        [one] { $count } livre, par auteur
       *[other] { $count } livres, par auteur
    }
books-count-progress =
    { $count ->
        [one] { $count } livre, le plus avancé en premier
       *[other] { $count } livres, le plus avancé en premier
    }
books-found =
    { $count ->
        [one] { $count } livre trouvé
       *[other] { $count } livres trouvés
    }
books-show-all = Tout afficher
books-more-than-listed = Les { $count } premiers sont affichés. Cherchez ou filtrez pour trouver les autres.
books-hidden-link =
    { $count ->
        [one] { $count } livre est masqué : l’afficher
       *[other] { $count } livres sont masqués : les afficher
    }
books-unnamed-link =
    { $count ->
        [one] { $count } livre n’a pas de nom : le nommer
       *[other] { $count } livres n’ont pas de nom : les nommer
    }
books-progress = Progression
books-statistics-row = d’après les statistiques, sans position
books-time-read = { $time } de lecture
books-pages = Pages de cette liste
books-page = Page { $page }
books-page-of = Page { $page } sur { $count }
books-first = Première
books-previous = ← Précédente
books-next = Suivante →
books-rename = Renommer
books-name-label = Votre nom pour ce livre
books-name-about = Laissez le champ vide pour garder le titre que votre appareil envoie.
books-save-name = Enregistrer le nom
books-name-too-long = Le nom n’a pas été enregistré : il dépasse { $limit } octets. Raccourcissez-le.
books-name-control = Le nom n’a pas été enregistré : il contient des caractères de contrôle, comme un saut de ligne. Supprimez-les.
books-started-over = Ce livre a été recommencé. Il n’a pas de position actuelle tant qu’aucun appareil n’a repris la lecture ; l’ouvrir là où il était ne compte pas.
books-plot = Progression de lecture
books-plot-label = Progression de lecture au fil du temps, en pourcentage. La liste ci-dessous contient les positions.
books-plot-devices = Appareils
books-plot-more = { $count } de plus
books-point = { $time } : { $percent }, { $device }
books-history = Historique
books-history-about = Pour revenir à une position antérieure, choisissez « Rétablir ». Elle devient la position actuelle.
books-history-koreader = KOReader s’y rend, ou le propose, à la prochaine demande automatique, sauf si vous avez tourné une page sur cet appareil depuis. « Recevoir la progression depuis d’autres appareils maintenant » s’y rend sans demander.
books-why-no-sync = Pourquoi la synchronisation échoue-t-elle ?
books-put-back = Rétablir
books-put-back-label = Rétablir { $percent } du { $time }
books-current = Actuelle
books-pushes =
    { $count ->
        [one] { $count } envoi
       *[other] { $count } envois
    }
books-earlier-positions =
    { $count ->
        [one] { $count } position antérieure
       *[other] { $count } positions antérieures
    }
books-all-positions = Les { $count } positions
books-kept =
    { $count ->
        [one] { $count } position conservée : toutes celles des dernières 48 heures, et avant cela la dernière de la journée pour chaque appareil.
       *[other] { $count } positions conservées : toutes celles des dernières 48 heures, et avant cela la dernière de la journée pour chaque appareil.
    }
books-history-title = Historique de { $title }
books-history-heading = Historique de <a href="{ $link }"><bdi>{ $title }</bdi></a>
books-start-over = Recommencer
books-start-over-about = Recommence le livre : il n’a pas de position actuelle tant qu’aucun appareil n’a repris la lecture. L’historique reste.
books-files = Fichiers
books-files-none = Est-ce le même livre qu’un autre : converti, réenregistré ou acheté ailleurs ? Réunis, ils partagent une position et un historique.
books-files-some = Ce livre a d’autres fichiers, qui partagent sa position et son historique. Séparez-en un pour lui rendre son propre historique.
books-not-pushed = pas encore envoyé
books-part = Séparer
books-part-label = Séparer { $title }
books-may-be-same = C’est peut-être le même livre que
books-same-as = C’est le même livre que…
books-document = Document
books-file = Fichier
books-id = Identifiant
books-delete-link = Supprimer la position et l’historique…
books-reason-title = même titre et mêmes auteurs
books-reason-filename = même nom de fichier
books-reason-matching = son identifiant est celui du nom de fichier de ce livre, ou l’inverse
books-reason-identifier = un appareil a indiqué que les deux identifiants sont ceux d’un même livre
books-reason-asked = un appareil a demandé cet identifiant, et aucun ne l’a envoyé
books-same-book = Le même livre
books-same-book-label = Le même livre : { $title }
books-this-one = Celui-ci
books-this-one-label = Celui-ci : { $title }
books-join-title = Le même livre que…
books-join-about = Quel autre livre est <a href="{ $link }"><bdi>{ $title }</bdi></a> dans un autre fichier : converti, réenregistré ou acheté ailleurs ? Les deux partagent alors une position et un historique. Vous pouvez les séparer de nouveau.
books-suggestions = Suggestions
books-all-others = Tous les autres livres
books-join-missing = Il manque l’autre livre. Rechargez la page du livre et choisissez-en un.
books-join-too-many = Un livre a { $max } fichiers au plus. Séparez-en un avant d’en ajouter un autre.
books-join-same = C’est le livre lui-même. Choisissez-en un autre.
books-join-not-joined = Ces fichiers ne sont plus réunis. Rechargez la page du livre.
books-position-gone = Cette position n’est plus dans l’historique. Rechargez la page du livre et choisissez-en une autre.
books-no-such-position = Cette position n’existe pas. Rechargez la page du livre et choisissez-en une dans son historique.
books-statistics-about = D’après les statistiques de KOReader. Aucun appareil n’a envoyé de position de ce livre.
books-statistics-about-id = D’après les statistiques de KOReader. Aucun appareil n’a envoyé de position de ce livre, ou il est envoyé sous un autre identifiant parce que « Méthode d’identification du document » est réglé sur « Nom de fichier ».
books-unnamed-title = Livres sans nom
books-unnamed-about = Aucun appareil n’a envoyé de titre ni de nom de fichier pour ceux-ci. Saisissez les noms que vous connaissez, puis enregistrez-les tous à la fois. Un champ vide ne change rien.
books-unnamed-none = Chaque livre a un nom.
books-unnamed-label = Nom du livre à { $percent }, dernière lecture : { $time }
books-unnamed-save = Enregistrer les noms
books-unnamed-saved =
    { $count ->
        [one] { $count } nom a été enregistré.
       *[other] { $count } noms ont été enregistrés.
    }
books-name-no-room = Le nom n’a pas été enregistré : l’espace de votre compte est épuisé. Supprimez d’abord quelques livres.
books-name-no-book = Le nom n’a pas été enregistré : le livre a été supprimé entre-temps.
books-delete-title = Supprimer le livre
books-delete-heading = Supprimer ce livre ?
books-delete-others = Le livre a d’autres fichiers, qui gardent les leurs. Ceci ne supprime que le fichier d’identifiant <span class="id"><bdi>{ $document }</bdi></span>.
books-delete = Supprimer
books-cancel = Annuler
books-delete-goes = Ce qui disparaît
books-delete-goes-positions =
    { $count ->
        [one] Sa position actuelle et { $count } position de son historique
       *[other] Sa position actuelle et { $count } positions de son historique
    }
books-delete-goes-name = Son titre et son nom ici, et sa place sur vos étagères
books-delete-stays = Ce qui reste
books-delete-stays-days =
    { $count ->
        [one] { $count } jour où vous l’avez lu, dans votre calendrier
       *[other] { $count } jours où vous l’avez lu, dans votre calendrier
    }
books-delete-stays-finished =
    { $count ->
        [one] Le fait que vous avez terminé un livre, dans vos chiffres
       *[other] Le fait que vous l’avez terminé { $count } fois, dans vos chiffres
    }
books-delete-stays-device = Le livre sur vos appareils ; si l’un d’eux renvoie sa position, un nouvel historique commence
books-delete-stays-files = Les temps de lecture et les surlignages, qui viennent des fichiers de vos appareils
books-sort-finished = Fin de lecture
books-count-finished =
    { $count ->
        [one] { $count } livre, le dernier terminé en premier
       *[other] { $count } livres, le dernier terminé en premier
    }
books-shelf = Étagère
books-shelf-reading = En cours de lecture
books-shelf-aside = Mis de côté
books-shelf-finished = Terminé
books-shelf-hidden = Masqué
books-finished-times =
    { $count ->
        [one] terminé le { $date }
       *[other] terminé { $count } fois, la dernière le { $date }
    }
books-move-reading = Placer dans « En cours de lecture »
books-move-aside = Mettre de côté
books-move-finished = Marquer comme terminé
books-not-finished = Finalement pas terminé ({ $date })
books-move-auto = Laisser ses positions décider
books-finished-on = Terminé le
books-hide = Masquer dans les listes
books-unhide = Afficher dans les listes
books-no-date = Indiquez le jour où vous avez terminé le livre, au plus tard aujourd’hui, par exemple 2026-11-26.

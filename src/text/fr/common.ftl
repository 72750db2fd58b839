# Pour les traducteurs : un mot par chose. Les règles sont dans docs/translating.md. On vouvoie.
#   book = livre · document = document · position = position · current position = position actuelle
#   history = historique · push = envoyer · pull = demander · put back = rétablir · start over = recommencer
#   highlights = surlignages · note = note · device = appareil · reading time = temps de lecture · progress = progression
#   account = compte · password = mot de passe · log in, log out = se connecter, se déconnecter · administrator = administrateur
#   file = fichier · folder = dossier · upload, download = envoyer, télécharger · backup = sauvegarde · delete = supprimer
#   statistics = statistiques · session = séance (de lecture), session (connexion) · shelf = étagère · set aside = mis de côté · finished = terminé
#   days in a row = jours d’affilée · goal = objectif · device password = mot de passe d’appareil · set up = configurer · join, separate = réunir, séparer
#   overview = accueil · log = journal · import, export = import, export · registration = inscriptions
#   In KOReader: Progress sync = Synchronisation de la progression · Custom sync server = Serveur de synchronisation personnalisé

common-skip = Aller au contenu
common-main-navigation = Navigation principale
common-overview = Accueil
common-my-books = Mes livres
common-highlights = Surlignages
common-devices = Appareils
common-files = Fichiers
common-account = Compte
common-manage-accounts = Gérer les comptes
common-import-export = Importer et exporter
common-administration = Administration
common-server = Serveur
common-appearance = Apparence
common-theme-auto = Automatique
common-theme-light = Claire
common-theme-dark = Sombre
common-log-out = Se déconnecter
common-switch-account = Changer de compte
common-save = Enregistrer
common-january = janvier
common-february = février
common-march = mars
common-april = avril
common-may = mai
common-june = juin
common-july = juillet
common-august = août
common-september = septembre
common-october = octobre
common-november = novembre
common-december = décembre
common-jan = janv.
common-feb = févr.
common-mar = mars
common-apr = avr.
common-may-short = mai
common-jun = juin
common-jul = juil.
common-aug = août
common-sep = sept.
common-oct = oct.
common-nov = nov.
common-dec = déc.
common-date =
    { $day ->
        [1] 1er { $month } { $year }
       *[other] { $day } { $month } { $year }
    }
common-day =
    { $day ->
        [1] 1er { $month }
       *[other] { $day } { $month }
    }
common-day-year =
    { $day ->
        [1] 1er { $month } { $year }
       *[other] { $day } { $month } { $year }
    }
common-date-time = { $date }, { $time }
common-just-now = à l’instant
common-minutes-ago =
    { $count ->
        [one] il y a { $count } minute
       *[other] il y a { $count } minutes
    }
common-hours-ago =
    { $count ->
        [one] il y a { $count } heure
       *[other] il y a { $count } heures
    }
common-yesterday = hier
common-days-ago =
    { $count ->
        [one] il y a { $count } jour
       *[other] il y a { $count } jours
    }
common-under-a-minute = moins d’une minute
common-minutes = { $minutes } min
common-hours-minutes = { $hours } h { $minutes } min
common-hours = { $hours } h
common-over = plus de { $limit }
common-below = moins de { $limit }
common-when-today = aujourd’hui à { $time }
common-when-yesterday = hier à { $time }
common-when-date = le { $date } à { $time }
common-since-today = depuis { $time }
common-since-yesterday = depuis hier à { $time }
common-since-date = depuis le { $date } à { $time }
common-bytes =
    { $count ->
        [one] { $count } octet
       *[other] { $count } octets
    }
common-kib = { $size } Kio
common-mib = { $size } Mio
common-gib = { $size } Gio
common-tib = { $size } Tio
common-search = Rechercher
common-show-all = Tout afficher
common-cancel = Annuler
common-delete = Supprimer
common-times-from =
    { $by ->
        [none] Les temps de lecture viennent des statistiques de KOReader, envoyées pour la dernière fois { $when }.
       *[other] Les temps de lecture viennent des statistiques de KOReader, envoyées pour la dernière fois { $when } par { $by }.
    }
common-unread =
    { $by ->
        [none] « { $path } », envoyé pour la dernière fois { $when }, ne peut pas être lu : { $reason }.
       *[other] « { $path } », envoyé pour la dernière fois { $when } par { $by }, ne peut pas être lu : { $reason }.
    }
common-unread-kept = Les temps sont ceux du dernier envoi qui a pu être lu.
common-unread-none = Il n’y a donc pas encore de temps de lecture.
common-unread-too-large = il dépasse { $size }
common-unread-no-sqlite = ce n’est pas une base de données SQLite
common-unread-no-statistics = ce ne sont pas les statistiques de KOReader
common-unread-too-much = il contient plus d’entrées que le serveur n’en lit
common-unread-no-json = ce n’est pas du JSON
common-unread-damaged = il est abîmé, ou trop lourd à lire
common-time-read = Temps de lecture
common-time-on-days =
    { $count ->
        [one] { $time } sur { $count } jour
       *[other] { $time } sur { $count } jours
    }
common-pages-read = Pages lues
common-pages =
    { $count ->
        [one] { $count } page
       *[other] { $count } pages
    }
common-pages-of =
    { $count ->
        [one] { $count } page sur { $total }
       *[other] { $count } pages sur { $total }
    }
common-sittings = Séances
common-sittings-count =
    { $count ->
        [one] { $count } séance ; après dix minutes de pause, une nouvelle commence
       *[other] { $count } séances ; après dix minutes de pause, une nouvelle commence
    }
common-pace = Rythme
common-pages-an-hour =
    { $count ->
        [one] { $count } page par heure
       *[other] { $count } pages par heure
    }
common-time-left = Temps restant à ce rythme
common-about = environ { $time }
common-begun = Commencé
common-last-read = Dernière lecture
common-days = Jours
common-day-heading = Jour
common-time-heading = Durée
common-pages-heading = Pages
common-earlier-days =
    { $count ->
        [one] … et { $count } plus tôt.
       *[other] … et { $count } plus tôt.
    }
common-highlights-count =
    { $count ->
        [one] { $count } surlignage
       *[other] { $count } surlignages
    }
common-webdav-address = <b>l’adresse du serveur</b>, puis <code>/webdav</code>
common-address-loopback = Cette adresse ne fonctionne que sur le serveur lui-même. Sur d’autres appareils, saisissez le nom ou l’adresse IP du serveur dans votre réseau au lieu de « localhost » ou « 127.0.0.1 ».

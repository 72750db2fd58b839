common-skip = Aller au contenu
common-main-navigation = Navigation principale
common-overview = Aperçu
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
common-minutes = { $minutes } min
common-hours-minutes = { $hours } h { $minutes } min
common-hours = { $hours } h
common-over = plus de { $limit }
common-below = moins de { $limit }

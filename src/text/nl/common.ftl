common-skip = Naar de inhoud
common-main-navigation = Hoofdmenu
common-overview = Overzicht
common-my-books = Mijn boeken
common-highlights = Markeringen
common-devices = Apparaten
common-files = Bestanden
common-account = Account
common-manage-accounts = Accounts beheren
common-import-export = Importeren en exporteren
common-administration = Beheer
common-server = Server
common-appearance = Weergave
common-theme-auto = Automatisch
common-theme-light = Licht
common-theme-dark = Donker
common-log-out = Uitloggen
common-switch-account = Account wisselen
common-save = Opslaan
common-january = januari
common-february = februari
common-march = maart
common-april = april
common-may = mei
common-june = juni
common-july = juli
common-august = augustus
common-september = september
common-october = oktober
common-november = november
common-december = december
common-jan = jan
common-feb = feb
common-mar = mrt
common-apr = apr
common-may-short = mei
common-jun = jun
common-jul = jul
common-aug = aug
common-sep = sep
common-oct = okt
common-nov = nov
common-dec = dec
common-date = { $day } { $month } { $year }
common-day = { $day } { $month }
common-day-year = { $day } { $month } { $year }
common-date-time = { $date }, { $time }
common-just-now = zojuist
common-minutes-ago =
    { $count ->
        [one] { $count } minuut geleden
       *[other] { $count } minuten geleden
    }
common-hours-ago = { $count } uur geleden
common-yesterday = gisteren
common-days-ago =
    { $count ->
        [one] { $count } dag geleden
       *[other] { $count } dagen geleden
    }
common-under-a-minute = minder dan een minuut
common-minutes = { $minutes } min
common-hours-minutes = { $hours } u { $minutes } min
common-hours = { $hours } u
common-over = meer dan { $limit }
common-below = minder dan { $limit }

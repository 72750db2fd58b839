common-skip = Zum Inhalt springen
common-main-navigation = Hauptmenü
common-overview = Übersicht
common-my-books = Meine Bücher
common-highlights = Markierungen
common-devices = Geräte
common-files = Dateien
common-account = Konto
common-manage-accounts = Konten verwalten
common-import-export = Import und Export
common-administration = Verwaltung
common-server = Server
common-appearance = Darstellung
common-theme-auto = Automatisch
common-theme-light = Hell
common-theme-dark = Dunkel
common-log-out = Abmelden
common-switch-account = Konto wechseln
common-save = Speichern
common-january = Januar
common-february = Februar
common-march = März
common-april = April
common-may = Mai
common-june = Juni
common-july = Juli
common-august = August
common-september = September
common-october = Oktober
common-november = November
common-december = Dezember
common-jan = Jan.
common-feb = Feb.
common-mar = März
common-apr = Apr.
common-may-short = Mai
common-jun = Juni
common-jul = Juli
common-aug = Aug.
common-sep = Sept.
common-oct = Okt.
common-nov = Nov.
common-dec = Dez.
common-date = { $day }. { $month } { $year }
common-day = { $day }. { $month }
common-day-year = { $day }. { $month } { $year }
common-date-time = { $date }, { $time }
common-just-now = gerade eben
common-minutes-ago =
    { $count ->
        [one] vor { $count } Minute
       *[other] vor { $count } Minuten
    }
common-hours-ago =
    { $count ->
        [one] vor { $count } Stunde
       *[other] vor { $count } Stunden
    }
common-yesterday = gestern
common-days-ago =
    { $count ->
        [one] vor { $count } Tag
       *[other] vor { $count } Tagen
    }
common-under-a-minute = unter einer Minute
common-minutes = { $minutes } Min.
common-hours-minutes = { $hours } Std. { $minutes } Min.
common-hours = { $hours } Std.
common-over = über { $limit }
common-below = unter { $limit }

# Für Übersetzer: ein Wort für eine Sache. Die Regeln stehen in docs/translating.md. Anrede: du.
#   book = Buch · document = Dokument · position = Position · current position = aktuelle Position
#   history = Verlauf · push = senden · pull = abrufen · put back = zurückholen · start over = neu beginnen
#   highlights = Markierungen · note = Notiz · device = Gerät · reading time = Lesezeit · progress = Fortschritt
#   account = Konto · password = Passwort · log in, log out = anmelden, abmelden · administrator = Administrator · disabled = gesperrt
#   file = Datei · folder = Ordner · upload, download = hochladen, herunterladen · backup = Sicherung
#   statistics = Statistik · session = Sitzung · shelf = Regal · set aside = weggelegt · finished = beendet · days in a row = Tage in Folge · goal = Ziel
#   device password = Gerätepasswort · set up = einrichten · join, separate = verbinden, trennen · log = Log · disk = Datenträger
#   In KOReader: Progress sync = Fortschrittssynchronisierung · Custom sync server = Eigener Sync-Server · Register / Login = Registrieren / Einloggen

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
common-minutes = { $minutes } Min.
common-hours-minutes = { $hours } Std. { $minutes } Min.
common-hours = { $hours } Std.
common-over = über { $limit }
common-below = unter { $limit }
common-when-today = heute um { $time } Uhr
common-when-yesterday = gestern um { $time } Uhr
common-when-date = am { $date } um { $time } Uhr
common-since-today = seit { $time } Uhr
common-since-yesterday = seit gestern, { $time } Uhr
common-since-date = seit dem { $date }, { $time } Uhr
common-bytes =
    { $count ->
        [one] { $count } Byte
       *[other] { $count } Byte
    }
common-kib = { $size } KiB
common-mib = { $size } MiB
common-gib = { $size } GiB
common-tib = { $size } TiB
common-search = Suchen
common-show-all = Alle anzeigen
common-cancel = Abbrechen
common-delete = Löschen
common-times-from =
    { $by ->
        [none] Die Lesezeiten stammen aus der Statistik von KOReader, zuletzt hochgeladen { $when }.
       *[other] Die Lesezeiten stammen aus der Statistik von KOReader, zuletzt hochgeladen { $when } von { $by }.
    }
common-unread =
    { $by ->
        [none] „{ $path }“, zuletzt hochgeladen { $when }, lässt sich nicht lesen: { $reason }.
       *[other] „{ $path }“, zuletzt hochgeladen { $when } von { $by }, lässt sich nicht lesen: { $reason }.
    }
common-unread-kept = Die Zeiten sind die der letzten Datei, die sich lesen ließ.
common-unread-none = Deshalb gibt es noch keine Lesezeiten.
common-unread-too-large = sie ist größer als { $size }
common-unread-no-sqlite = sie ist keine SQLite-Datenbank
common-unread-no-statistics = sie ist nicht die Statistik von KOReader
common-unread-too-much = sie hat mehr Einträge, als der Server liest
common-unread-no-json = sie ist kein JSON
common-unread-damaged = sie ist beschädigt oder zu aufwendig zu lesen
common-time-read = Lesezeit
common-time-on-days =
    { $count ->
        [one] { $time } an { $count } Tag
       *[other] { $time } an { $count } Tagen
    }
common-pages-read = Gelesene Seiten
common-pages =
    { $count ->
        [one] { $count } Seite
       *[other] { $count } Seiten
    }
common-pages-of =
    { $count ->
        [one] { $count } Seite von { $total }
       *[other] { $count } Seiten von { $total }
    }
common-sittings = Lesesitzungen
common-sittings-count =
    { $count ->
        [one] { $count } Sitzung; nach zehn Minuten Pause beginnt eine neue
       *[other] { $count } Sitzungen; nach zehn Minuten Pause beginnt eine neue
    }
common-pace = Lesetempo
common-pages-an-hour =
    { $count ->
        [one] { $count } Seite pro Stunde
       *[other] { $count } Seiten pro Stunde
    }
common-time-left = Noch, bei diesem Tempo
common-about = etwa { $time }
common-begun = Begonnen
common-last-read = Zuletzt gelesen
common-days = Tage
common-day-heading = Tag
common-time-heading = Zeit
common-pages-heading = Seiten
common-earlier-days =
    { $count ->
        [one] … und { $count } früherer.
       *[other] … und { $count } frühere.
    }
common-highlights-count =
    { $count ->
        [one] { $count } Markierung
       *[other] { $count } Markierungen
    }
common-webdav-address = <b>die Adresse des Servers</b>, dann <code>/webdav</code>
common-address-loopback = Diese Adresse funktioniert nur auf dem Server selbst. Gib auf anderen Geräten statt „localhost“ oder „127.0.0.1“ den Namen oder die IP-Adresse des Servers in deinem Netzwerk ein.

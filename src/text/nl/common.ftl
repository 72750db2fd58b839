# Voor vertalers: één woord voor één ding. De regels staan in docs/translating.md. Aanspreekvorm: je.
#   book = boek · document = document · position = positie · current position = huidige positie
#   history = geschiedenis · push = versturen · pull = opvragen · put back = terugzetten · start over = opnieuw beginnen
#   highlights = markeringen · note = notitie · device = apparaat · reading time = leestijd · progress = voortgang
#   account = account · password = wachtwoord · log in, log out = inloggen, uitloggen · administrator = beheerder
#   file = bestand · folder = map · upload, download = uploaden, downloaden · backup = back-up · page = pagina (van de site), bladzijde (van een boek)
#   statistics = statistieken · session = sessie · shelf = plank · set aside = weggelegd · finished = uitgelezen · days in a row = dagen op rij
#   goal = doel · device password = apparaatwachtwoord · set up = instellen · join, separate = samenvoegen, losmaken · log = logboek
#   place = plek · reload = opnieuw laden · create an account = account aanmaken
#   In KOReader: Progress sync = Voortgangssynchronisatie · Custom sync server = Aangepaste sync-server · Register / Login = Registreren / Log in

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
common-minutes = { $minutes } min
common-hours-minutes = { $hours } u { $minutes } min
common-hours = { $hours } u
common-over = meer dan { $limit }
common-below = minder dan { $limit }
common-when-today = vandaag om { $time }
common-when-yesterday = gisteren om { $time }
common-when-date = op { $date } om { $time }
common-since-today = sinds { $time }
common-since-yesterday = sinds gisteren { $time }
common-since-date = sinds { $date }, { $time }
common-bytes =
    { $count ->
        [one] { $count } byte
       *[other] { $count } bytes
    }
common-kib = { $size } KiB
common-mib = { $size } MiB
common-gib = { $size } GiB
common-tib = { $size } TiB
common-search = Zoeken
common-show-all = Alles tonen
common-cancel = Annuleren
common-delete = Verwijderen
common-times-from =
    { $by ->
        [none] De leestijden komen uit de statistieken van KOReader, voor het laatst geüpload { $when }.
       *[other] De leestijden komen uit de statistieken van KOReader, voor het laatst geüpload { $when } door { $by }.
    }
common-unread =
    { $by ->
        [none] ‘{ $path }’, voor het laatst geüpload { $when }, kan niet worden gelezen: { $reason }.
       *[other] ‘{ $path }’, voor het laatst geüpload { $when } door { $by }, kan niet worden gelezen: { $reason }.
    }
common-unread-kept = De tijden zijn die van de laatste upload die kon worden gelezen.
common-unread-none = Daarom zijn er nog geen leestijden.
common-unread-too-large = het is groter dan { $size }
common-unread-no-sqlite = het is geen SQLite-database
common-unread-no-statistics = het zijn niet de statistieken van KOReader
common-unread-too-much = het heeft meer gegevens dan de server leest
common-unread-no-json = het is geen JSON
common-unread-damaged = het is beschadigd, of te zwaar om te lezen
common-time-read = Leestijd
common-time-on-days =
    { $count ->
        [one] { $time } op { $count } dag
       *[other] { $time } op { $count } dagen
    }
common-pages-read = Gelezen bladzijden
common-pages =
    { $count ->
        [one] { $count } bladzijde
       *[other] { $count } bladzijden
    }
common-pages-of =
    { $count ->
        [one] { $count } bladzijde van { $total }
       *[other] { $count } bladzijden van { $total }
    }
common-sittings = Leessessies
common-sittings-count =
    { $count ->
        [one] { $count } sessie; na tien minuten pauze begint een nieuwe
       *[other] { $count } sessies; na tien minuten pauze begint een nieuwe
    }
common-pace = Tempo
common-pages-an-hour =
    { $count ->
        [one] { $count } bladzijde per uur
       *[other] { $count } bladzijden per uur
    }
common-time-left = Nog, in dit tempo
common-about = ongeveer { $time }
common-begun = Begonnen
common-last-read = Laatst gelezen
common-days = Dagen
common-day-heading = Dag
common-time-heading = Tijd
common-pages-heading = Bladzijden
common-earlier-days =
    { $count ->
        [one] … en { $count } eerdere.
       *[other] … en { $count } eerdere.
    }
common-highlights-count =
    { $count ->
        [one] { $count } markering
       *[other] { $count } markeringen
    }
common-webdav-address = <b>het adres van de server</b>, dan <code>/webdav</code>
common-address-loopback = Dit adres werkt alleen op de server zelf. Vul op andere apparaten de naam of het IP-adres van de server in je netwerk in, in plaats van ‘localhost’ of ‘127.0.0.1’.

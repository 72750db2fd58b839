# For translators: one word for one thing. The rules are in docs/translating.md.
#   book        what one reads; a document is one file of it, by its id
#   position    where a device is in a book; the current position is what other devices get
#   history     all positions of a book
#   push, pull  a device sends its position; it asks for the current one. Say "send" and "ask for" in sentences
#   put back    make an earlier position the current one
#   highlights  passages that a reader marked, with notes
#   withheld    kept back: devices do not get the file
#   shelf       one of: reading now, set aside, finished; a book can also be hidden
#   session     a stretch of reading without a pause of ten minutes
#   device password  a password that the server makes for one device
#   name        of an account: what one logs in with (never "username")

common-skip = Skip to content
common-main-navigation = Main
common-overview = Overview
common-my-books = My books
common-highlights = Highlights
common-devices = Devices
common-files = Files
common-account = Account
common-manage-accounts = Manage accounts
common-import-export = Import and export
common-administration = Administration
common-server = Server
common-appearance = Appearance
common-theme-auto = Automatic
common-theme-light = Light
common-theme-dark = Dark
common-log-out = Log out
common-switch-account = Switch account
common-save = Save
common-january = January
common-february = February
common-march = March
common-april = April
common-may = May
common-june = June
common-july = July
common-august = August
common-september = September
common-october = October
common-november = November
common-december = December
common-jan = Jan
common-feb = Feb
common-mar = Mar
common-apr = Apr
common-may-short = May
common-jun = Jun
common-jul = Jul
common-aug = Aug
common-sep = Sep
common-oct = Oct
common-nov = Nov
common-dec = Dec
common-date = { $day } { $month } { $year }
common-day = { $day } { $month }
common-day-year = { $day } { $month } { $year }
common-date-time = { $date }, { $time }
common-just-now = just now
common-minutes-ago =
    { $count ->
        [one] { $count } minute ago
       *[other] { $count } minutes ago
    }
common-hours-ago =
    { $count ->
        [one] { $count } hour ago
       *[other] { $count } hours ago
    }
common-yesterday = yesterday
common-days-ago =
    { $count ->
        [one] { $count } day ago
       *[other] { $count } days ago
    }
common-under-a-minute = under a minute
common-minutes = { $minutes } min
common-hours-minutes = { $hours } h { $minutes } min
common-hours = { $hours } h
common-over = over { $limit }
common-below = below { $limit }
common-when-today = today { $time }
common-when-yesterday = yesterday { $time }
common-when-date = on { $date }, { $time }
common-since-today = since { $time }
common-since-yesterday = since yesterday { $time }
common-since-date = since { $date }, { $time }
common-bytes =
    { $count ->
        [one] { $count } byte
       *[other] { $count } bytes
    }
common-kib = { $size } KiB
common-mib = { $size } MiB
common-gib = { $size } GiB
common-tib = { $size } TiB
common-search = Search
common-show-all = Show all
common-cancel = Cancel
common-delete = Delete
common-times-from =
    { $by ->
        [none] Reading times are from KOReader’s statistics, last uploaded { $when }.
       *[other] Reading times are from KOReader’s statistics, last uploaded { $when } by { $by }.
    }
common-unread =
    { $by ->
        [none] “{ $path }”, last uploaded { $when }, cannot be read: { $reason }.
       *[other] “{ $path }”, last uploaded { $when } by { $by }, cannot be read: { $reason }.
    }
common-unread-kept = The times are those of the last upload that could be read.
common-unread-none = So there are no reading times yet.
common-unread-too-large = it is larger than { $size }
common-unread-no-sqlite = it is not an SQLite database
common-unread-no-statistics = it is not KOReader’s statistics
common-unread-too-much = it has more entries than the server reads
common-unread-no-json = it is not JSON
common-unread-damaged = it is damaged, or too much work to read
common-time-read = Time read
common-time-on-days =
    { $count ->
        [one] { $time } on { $count } day
       *[other] { $time } on { $count } days
    }
common-pages-read = Pages read
common-pages =
    { $count ->
        [one] { $count } page
       *[other] { $count } pages
    }
common-pages-of =
    { $count ->
        [one] { $count } page of { $total }
       *[other] { $count } pages of { $total }
    }
common-sittings = Sittings
common-sittings-count =
    { $count ->
        [one] { $count } session; a pause of ten minutes starts a new one
       *[other] { $count } sessions; a pause of ten minutes starts a new one
    }
common-pace = Pace
common-pages-an-hour =
    { $count ->
        [one] { $count } page an hour
       *[other] { $count } pages an hour
    }
common-time-left = Time left at this pace
common-about = about { $time }
common-begun = Begun
common-last-read = Last read
common-days = Days
common-day-heading = Day
common-time-heading = Time
common-pages-heading = Pages
common-earlier-days =
    { $count ->
        [one] … and { $count } earlier.
       *[other] … and { $count } earlier.
    }
common-highlights-count =
    { $count ->
        [one] { $count } highlight
       *[other] { $count } highlights
    }
common-webdav-address = <b>the server’s address</b>, then <code>/webdav</code>
common-address-loopback = This address only works on the server itself. On other devices, enter the server’s name or IP address in your network instead of “localhost” or “127.0.0.1”.

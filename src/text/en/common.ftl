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
common-minutes = { $minutes } min
common-hours-minutes = { $hours } h { $minutes } min
common-hours = { $hours } h
common-over = over { $limit }
common-below = below { $limit }

admin-accounts-title = Accounts
admin-registration-open = Registration is open
admin-registration-closed = Registration is closed
admin-registration-open-about = Any device that reaches this server can create an account.
admin-registration-closed-about = Devices cannot create accounts. You can create them below.
admin-registration-configured-open = The configuration says “open”. Your choice here overrides it, also after a restart, until the configuration is changed.
admin-registration-configured-closed = The configuration says “closed”. Your choice here overrides it, also after a restart, until the configuration is changed.
admin-close-registration = Close registration
admin-open-registration = Open registration
admin-account-count =
    { $count ->
        [one] { $count } account
       *[other] { $count } accounts
    }
admin-limits = Each account may have { $books } books, { $positions } of positions and { $files } of files, by the settings { $settings }.
admin-name = Name
admin-books = Books
admin-positions = Positions
admin-files = Files
admin-last-used = Last used
admin-never = never
admin-export-link = Export
admin-administrator = administrator
admin-disabled = disabled
admin-enabled = enabled
admin-last-used-about = “Last used” is the time of the last push or login to the dashboard, accurate to the hour. Sizes are estimates of what the account takes of the data file, counted when this page was opened.
admin-create-account = Create account
admin-account-heading = Account <bdi>{ $name }</bdi>
admin-number = Number
admin-created = Created
admin-status = Status
admin-is-admin = This account cannot be disabled or deleted. Change its password on its own page, <a href="{ $link }">Account</a>.
admin-disable-heading = Disable account
admin-enable-heading = Enable account
admin-disable-about = Its devices can then no longer log in, push or pull. Nothing is deleted.
admin-enable-about = Its devices can then log in, push and pull again.
admin-disable = Disable
admin-enable = Enable
admin-change-password = Change password
admin-new-password = New password
admin-repeat-password = Repeat new password
admin-import-heading = Import and export
admin-export-about = The export has this account alone, with its password’s hash, its positions and histories, without the files of its WebDAV folder. To import it from another server, use the page <a href="{ $link }">Import and export</a>.
admin-download-export = Download export
admin-delete = Delete account…
admin-all-accounts = All accounts
admin-of = { $part } of { $whole }
admin-server-title = Server
admin-program = Program
admin-version = Version
admin-version-from = Of the program that serves this page.
admin-started = Started
admin-started-from = By the server’s clock: when this process opened its data.
admin-not-known = not known
admin-health = Health
admin-health-good = Good: the data can be read, and its files are in place.
admin-health-from = The same check as /healthcheck, made now.
admin-disk = Disk
admin-directory = Data directory
admin-directory-from = From the configuration.
admin-disk-free = Free on its disk
admin-disk-free-from = What the file system says now.
admin-disk-reserve = Kept free
admin-disk-reserve-from = Below this, positions of new books are refused; setting min_free_disk.
admin-file = Data file
admin-file-from = The size of data.mdb.
admin-file-used = Of which in use
admin-file-used-from = The pages that hold data, counted by LMDB. The rest of the file is used before it grows.
admin-file-max = Can grow to
admin-file-max-from = The setting max_store_bytes; without it, by the size of the disk at the start.
admin-copies = Backups
admin-backup = Last backup
admin-backup-from = Noted in the data by kosync backup and by the page Import and export. Copies that other programs make, such as Home Assistant’s, are not known here.
admin-last-export = Last export
admin-export-from = Noted in the data by kosync export and by the page Import and export: exports of all accounts.
admin-none-known = none known
admin-load = Load and connections
admin-queue = Waiting writes
admin-queue-from = The queue in front of the disk, now. When it is full, devices are asked to try again.
admin-connections = Open connections
admin-connections-from = All listeners of this process, now, this page’s included; setting max_connections, lowered to what the system allows.
admin-mqtt = MQTT
admin-mqtt-off = off
admin-mqtt-connected = Connected to { $broker } since { $since }.
admin-mqtt-disconnected = No connection since { $since }: { $reason }
admin-mqtt-from = The publisher’s state in this process; settings mqtt.
admin-errors = Last errors and warnings
admin-error = Error
admin-errors-none = None since the start.
admin-errors-from = From the log of this process since its start, in its language: up to ten of each.
admin-errors-elsewhere = They are in the log of the program that contains this server.
admin-transfer-title = Import and export
admin-import = Import
admin-import-switched-off = Uploads are switched off by <code>max_import_bytes</code> in the server’s configuration.
admin-import-intro = Imports accounts, passwords and positions from an export of kosync or from kosync-dotnet’s <code>Kosync.db</code>. The next page shows what would be done; nothing changes before you confirm it.
admin-import-file = File, at most { $max }
admin-import-log = Kosync-log.db, if there is one beside Kosync.db
admin-import-upload = Upload and preview
admin-import-reading =
    { $documents ->
        [one] Reading <b><bdi>{ $label }</bdi></b>… { $documents } document compared so far. Nothing is changed yet. This page reloads itself.
       *[other] Reading <b><bdi>{ $label }</bdi></b>… { $documents } documents compared so far. Nothing is changed yet. This page reloads itself.
    }
admin-import-preview = Preview of <b><bdi>{ $label }</bdi></b>. Nothing was changed yet.
admin-import-other-password = Another password here
admin-import-other-password-about = Such an account may belong to another person. Select those that belong to the same person: their books are imported, and the password here stays.
admin-import-preview-again = Preview again
admin-import-importing =
    { $of ->
        [one] Importing <b><bdi>{ $label }</bdi></b>… { $documents } of { $of } document. The server stays available. This page reloads itself.
       *[other] Importing <b><bdi>{ $label }</bdi></b>… { $documents } of { $of } documents. The server stays available. This page reloads itself.
    }
admin-import-finished = Imported <b><bdi>{ $label }</bdi></b>.
admin-import-another = Import another file
admin-import-choose-another = Choose another file
admin-import-stop = Stop
admin-import-stopped = The import was stopped, and what was imported so far stays.
admin-import-not-waiting = This import is no longer waiting for a decision: it was started or discarded in the meantime, or its file was an hour old.
admin-import-running = Another import is running. Wait until it has ended, or stop it.
admin-import-no-file = No file was chosen. Choose the file to import.
admin-import-malformed = The upload is not a form with a file, or was cut off. Go back and try again.
admin-import-no-uploads = Uploads are switched off by “max_import_bytes”.
admin-report-created = Created { $accounts ->
        [one] { $accounts } account
       *[other] { $accounts } accounts
    } and { $documents ->
        [one] { $documents } document
       *[other] { $documents } documents
    }.
admin-report-would-create = Would create { $accounts ->
        [one] { $accounts } account
       *[other] { $accounts } accounts
    } and { $documents ->
        [one] { $documents } document
       *[other] { $documents } documents
    }.
admin-report-advanced = Advanced { $documents ->
        [one] { $documents } document
       *[other] { $documents } documents
    } to a newer position; the earlier one is in the history.
admin-report-would-advance = Would advance { $documents ->
        [one] { $documents } document
       *[other] { $documents } documents
    } to a newer position; the earlier one is in the history.
admin-report-unchanged = Unchanged: { $accounts ->
        [one] { $accounts } account
       *[other] { $accounts } accounts
    }, with the password they have here, and { $documents ->
        [one] { $documents } document
       *[other] { $documents } documents
    }, whose position here is as new or newer.
admin-report-aliases = Other ids of documents: added { $created }, { $unchanged } not needed.
admin-report-would-alias = Other ids of documents: would add { $created }, { $unchanged } not needed.
admin-report-skipped = Skipped { $count ->
        [one] { $count } record
       *[other] { $count } records
    }, listed below.
admin-report-would-skip = Would skip { $count ->
        [one] { $count } record
       *[other] { $count } records
    }, listed below.
admin-report-left-out = Left out with { $documents ->
        [one] { $documents } document
       *[other] { $documents } documents
    }: { $names }. To import one into the account of that name here, which keeps its password, upload the file again and select it.
admin-report-would-leave-out = Left out with { $documents ->
        [one] { $documents } document
       *[other] { $documents } documents
    }: { $names }. To import one into the account of that name here, which keeps its password, select it below.
admin-report-without-password = Without a password: { $names }. Set one for each under “Manage accounts”.
admin-report-reader-named-admin = The source has an ordinary account “admin”. That name is the administrator’s here: once an administrator’s password is set, “admin” logs in with that password.
admin-report-lacks-log = The database has no log (Kosync-log.db) beside it, which is usual. If there is one beside the original, the latest positions are only in there: upload it together with the database.
admin-report-skipped-records = Skipped records
admin-report-more =
    { $count ->
        [one] … and { $count } more
       *[other] … and { $count } more
    }
admin-export = Export and backup
admin-export-intro = Both contain everything, with the password hashes of all accounts: keep them private.
admin-export-download = Download export
admin-export-text = Text that this page and <code>kosync import</code> read, on any machine. Without the files of WebDAV folders.
admin-backup-download = Download backup
admin-backup-about = A copy of the data file, for <code>kosync restore</code>.
admin-check = Check
admin-check-intro = Reads all data and reports whether it is consistent.
admin-check-button = Check the data
admin-check-summary = { $accounts ->
        [one] { $accounts } account
       *[other] { $accounts } accounts
    }, { $documents ->
        [one] { $documents } document
       *[other] { $documents } documents
    }, { $positions ->
        [one] { $positions } position including history
       *[other] { $positions } positions including history
    }, { $sessions ->
        [one] { $sessions } session
       *[other] { $sessions } sessions
    }, { $size }.
admin-check-aliases =
    { $count ->
        [one] { $count } other id of documents.
       *[other] { $count } other ids of documents.
    }
admin-check-files =
    { $count ->
        [one] { $count } file in WebDAV folders.
       *[other] { $count } files in WebDAV folders.
    }
admin-check-old-rows =
    { $count ->
        [one] { $count } row of an older version’s format; each is converted when it is next written.
       *[other] { $count } rows of an older version’s format; each is converted when it is next written.
    }
admin-check-sound = No problems found.
admin-check-problems =
    { $count ->
        [one] The store has { $count } problem: restore a backup, or report this as a bug.
       *[other] The store has { $count } problems: restore a backup, or report this as a bug.
    }
admin-protected = The account admin cannot be disabled or deleted, and only its owner can change its password.
admin-suggested = Manage all accounts
admin-suggested-about = No account is an administrator yet. Home Assistant does not tell apps who its administrators are: enter <code>{ $user }</code> under <b>Settings → Apps → KOReader Sync → Configuration → Administrators</b>, save, and restart the app.
admin-import-unexpected = an unexpected error ended the import; the server’s log has the cause
admin-import-interrupted = the import stopped, and what was imported so far stays; fix this and repeat it: { $reason }
admin-record-line = line { $number }
admin-record-account = account { $name }
admin-record-notes = notes of account { $name }
admin-record-document = document { $name }
admin-record-documents-from = document { $number } and all after it
admin-record-all-documents = all documents
admin-record-book = book of document { $name }
admin-record-alias = alias { $name }
admin-record-at = the account in page { $page }, slot { $slot }
admin-record-end = the end of the file
admin-record-more =
    { $count ->
        [one] { $count } more
       *[other] { $count } more
    }
admin-skip-foreign-hash = its key is not an Argon2id hash that this server makes
admin-skip-blank-name = its name begins or ends with a blank, which would make it another account here
admin-skip-future = its time is in the future: { $timestamp } s after 1970
admin-skip-no-account = its account does not exist
admin-skip-other-password = the account of that name here has another password, so it may belong to another person
admin-skip-other-hash = the account of that name here has another password, or the same one set again, so it may belong to another person
admin-skip-unknown-password = the source does not have its password, so the account of that name here may belong to another person
admin-skip-too-long = it is longer than { $max }
admin-skip-no-record = it is not a record of an export: { $detail }
admin-skip-unstorable = no server can have it: { $detail }
admin-skip-damaged = it is damaged in the database: { $detail }
admin-skip-log-missing =
    { $count ->
        [one] the file has { $count } page more than the database: its log (Kosync-log.db beside Kosync.db) was not copied with it, and the latest positions are missing
       *[other] the file has { $count } pages more than the database: its log (Kosync-log.db beside Kosync.db) was not copied with it, and the latest positions are missing
    }
admin-skip-not-indexed = the index of the accounts does not contain it
admin-skip-not-listed =
    { $count ->
        [one] only the first is listed
       *[other] only the first { $count } are listed
    }
admin-source-empty = the file is empty
admin-source-cut-off = the file is cut off: its last line is missing
admin-source-at-line = line { $number }: { $reason }
admin-source-newer = this export is of a newer version of kosync (format { $format }); update this server first
admin-source-no-export = this is not an export of kosync
admin-source-another-export = another export begins here: import one after the other
admin-source-other-count =
    { $count ->
        [one] there is { $count } record, but the last line counts others: the export is not complete
       *[other] there are { $count } records, but the last line counts others: the export is not complete
    }
admin-source-goes-on = this is the last line of the export, but the file goes on
admin-source-data-file = this is a backup or a server’s data file: “kosync restore” makes a data directory of it
admin-source-redis = this is a dump of Redis: start a Redis with it, then import “redis://127.0.0.1:6379/1” with “kosync import”
admin-source-compressed = the file is compressed: unpack it first
admin-source-sqlite = this is a SQLite database, which no supported server writes
admin-source-unknown = this is neither an export of kosync nor a database of kosync-dotnet
admin-source-no-account = there is no account { $name } in it, which is to be merged
admin-source-other = it cannot be read: { $detail }
admin-database-encrypted = the database is encrypted; remove its password with LiteDB, then try again
admin-database-too-old = the database is from LiteDB 4; open it once with LiteDB 5, which upgrades it, then try again
admin-database-version = the database has version { $version } of LiteDB’s format; only version 8, that of LiteDB 5, is supported
admin-database-rebuild = LiteDB has marked the database as damaged; let LiteDB rebuild it, then try again
admin-database-missing-page = page { $page } is missing: the file is cut off, or its log (Kosync-log.db beside Kosync.db) was not copied with it
admin-database-damaged = the database is damaged, or its log (Kosync-log.db beside Kosync.db) was not copied with it: page { $page }: { $detail }
admin-database-damaged-log = the log is damaged, or is not a log of LiteDB: there is no valid page at byte { $at }
admin-database-foreign-log = the log belongs to another database
admin-database-no-users = the database has no collection “users”: it is not kosync-dotnet’s, was never used, or its log (Kosync-log.db beside Kosync.db) was not copied with it

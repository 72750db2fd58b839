admin-transfer-title = Import and export
admin-import = Import
admin-import-switched-off = Uploads are switched off by <code>max_import_bytes</code> in the server’s configuration.
admin-import-intro = Brings accounts, logins and positions from an export of kosync or from kosync-dotnet’s <code>Kosync.db</code>. The next page shows what would be done; nothing is changed before you confirm it.
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
admin-import-other-password-about = Such an account may be somebody else’s. Select those that are the same person’s: their books are imported, and the password here stays.
admin-import-preview-again = Preview again
admin-import-importing =
    { $of ->
        [one] Importing <b><bdi>{ $label }</bdi></b>… { $documents } of { $of } document. The server goes on serving everybody. This page reloads itself.
       *[other] Importing <b><bdi>{ $label }</bdi></b>… { $documents } of { $of } documents. The server goes on serving everybody. This page reloads itself.
    }
admin-import-finished = Imported <b><bdi>{ $label }</bdi></b>.
admin-import-another = Import another file
admin-import-choose-another = Choose another file
admin-import-stop = Stop
admin-import-stopped = The import was stopped, and what was imported so far stays.
admin-import-not-waiting = This import does not wait for a decision any more: it was started or dropped meanwhile, or its file was kept for an hour.
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
admin-export-about = Text that this page and <code>kosync import</code> read, on any machine. Without the files of WebDAV folders.
admin-backup-download = Download backup
admin-backup-about = A copy of the data file, for <code>kosync restore</code>.
admin-check = Check
admin-check-intro = Reads everything and says whether it is consistent.
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

errors-title = Error: { $title }
errors-nothing-changed = Nothing was changed
errors-login-failed = Login failed
errors-not-logged-in = Not logged in
errors-not-logged-in-text = Log in and try again.
errors-cross-origin = Form refused
errors-cross-origin-text = Nothing was changed: the form came from { $origin }, but the request was for { $host }. If both are this server, a proxy in front of it changes the Host header. In nginx, set `proxy_set_header Host $http_host;` ($host drops the port). Otherwise go back, reload the page and try again.
errors-no-ingress-user = No Home Assistant user
errors-no-ingress-user-text = Home Assistant did not send your user ID, so there is no account to show. Reload this page; if that does not help, restart Home Assistant.
errors-not-administrator = Administrators only
errors-not-administrator-text = Your account cannot manage other accounts. Log in with an administrator’s account.
errors-no-page = Page not found
errors-no-page-text = There is no page at this address. It may have been deleted, or the address is incomplete.
errors-method = Method not allowed
errors-method-text = This address answers { $methods } requests only. Use the links and buttons of the pages instead.
errors-registration-closed = Registration is closed
errors-registration-closed-text = Registration is closed on this server. Ask its administrator for an account.
errors-wrong-credentials = The name or the password is wrong.
errors-wrong-password = The password is wrong.
errors-disabled = This account is disabled. Ask the server’s administrator to enable it.
errors-device-password = This is a device password. It is for reading programs and opens no page. Use the password of your account.
errors-too-large = Form too large
errors-too-large-text = Nothing was changed: the form is larger than { $max } bytes. Shorten it and try again.
errors-incomplete = Form incomplete
errors-incomplete-text = Nothing was changed: the form did not arrive completely and in time. Check your connection and try again.
errors-too-many-failures =
    { $seconds ->
        [one] Too many failed logins. Try again in { $seconds } second.
       *[other] Too many failed logins. Try again in { $seconds } seconds.
    }
errors-too-many-registrations =
    { $seconds ->
        [one] Too many accounts were created. Try again in { $seconds } second.
       *[other] Too many accounts were created. Try again in { $seconds } seconds.
    }
errors-busy = Server busy
errors-heavy-read-text = Another export, backup or check is running. Try again when it has ended.
errors-upload-too-large = File too large
errors-upload-too-large-text = Nothing was changed: the file is larger than { $max } bytes. Raise `max_import_bytes` in the server’s configuration, or import the file with `kosync import` on the server.
errors-busy-text = The server has too many requests to answer this one. Try again in a moment.
errors-disk-full = Disk full
errors-disk-full-text = Nothing was changed: the server’s disk is full. Its administrator must free some space.
errors-no-room = No room left
errors-no-room-text = Nothing was changed: your positions take as much space as your account may have. Delete some books, or ask the server’s administrator for more.
errors-disk-error = Disk error
errors-disk-error-text = Nothing was changed: the server cannot write to its disk. Its administrator must check the disk; the server’s log has the details.
errors-data-missing = Data directory missing
errors-data-missing-text = Nothing was changed: the server’s data directory was deleted or replaced. Its administrator must stop the server, put the directory back and start the server again.
errors-internal = Server error
errors-internal-text = An unexpected error occurred. Try again; if it happens again, ask the server’s administrator to look at its log.
errors-password-empty = The new password is empty. Enter it in both fields.
errors-passwords-differ = The two passwords differ. Enter the same one in both fields.
errors-name-taken = An account with this name already exists. Choose another name.
errors-field-username = the name
errors-field-name = the name
errors-field-password = the password
errors-invalid-empty = { $field } is empty
errors-invalid-colon = { $field } may not contain a colon
errors-invalid-control = { $field } may not contain control characters
errors-invalid-bytes = { $field } is longer than { $limit } bytes
errors-invalid-characters = { $field } is longer than { $limit } characters
errors-back-to-form = Go back to the form
errors-try-again = Try again
errors-log-in = Log in
errors-to-books = Go to your books
errors-to-accounts = Go to the accounts
errors-to-files = Go to your files
errors-to-highlights = Go to your highlights
errors-to-device-passwords = Go to your device passwords
errors-to-overview = Go to the overview
errors-user-header = No valid user name
errors-user-header-text =
    The proxy in front of this server names you in the header { $header }, but { $fault ->
        [several] it has several values
        [empty] it is empty
       *[unreadable] it is not a name of at most 255 bytes in UTF-8
    }. The server’s administrator must set up the proxy so that it replaces this header with one name.

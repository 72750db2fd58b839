login-title = Log in
login-intro = Use the name and the password from your e-reader.
login-name = Name
login-password = Password
login-no-account = No account yet? <a href="{ $link }">Create one</a>, or register in KOReader: <b>Tools → Progress sync → Register / Login</b>, after you entered this address under <b>Custom sync server</b>:
login-closed = No account yet? Registration is closed on this server. Ask its administrator for an account.
login-forgotten = Forgot your password? An administrator of this server can set a new one, here under <b>Manage accounts</b>, or on the server with <code>kosync user passwd NAME</code>.
login-register-title = Create an account
login-register-intro = Use the same name and password in KOReader. The server keeps no copy of the password that it could send you, so remember it.
login-have-account = Already have an account? <a href="{ $link }">Log in</a>
login-repeat-password = Repeat password
login-create-account = Create account
login-create-intro = Use the same name and password in KOReader.
login-choose-title = Choose an account
login-home-assistant-user = Home Assistant logged you in as <b><bdi>{ $name }</bdi></b>.
login-choose-listed = The dashboard shows the account that you choose here.
login-choose-once = Log in once with the name and the password from your e-reader. The dashboard then shows this account, until its password changes.
login-choose-again = To choose again, use “Switch account” at the top of any page.
login-books =
    { $count ->
        [one] { $count } book
       *[other] { $count } books
    }
login-again-title = Send it again?
login-again-intro = You are logged in again. Your session had ended, so nothing was saved yet. This is what you typed:
login-current-password = Current password
login-new-password = New password
login-repeat-new-password = Repeat new password
login-do-not-send = Do not send it, and go to the page with the form
login-session-ended = Your session has ended, so nothing was saved. Log in: you can then send what you typed.
login-session-ended-repeat = Your session has ended, so nothing was saved. Log in and do it again.
login-session-ended-too-long = Your session has ended, so nothing was saved. What you typed is too long to be kept here: go back in your browser and copy it, then log in.
login-session-ended-file = Your session has ended, so nothing was saved. Log in, and choose the file again.
login-taken = An account with this name already exists. Choose another name, or log in with its password.
login-account-gone = This account no longer exists. Choose another one, or create one.
login-not-created = The account was not created: { $reason }.

# Device passwords: the page, and its link on the account's page.
setup-passwords-title = Device passwords
setup-passwords-about = Give each device a password of its own: you can revoke it alone, and it stays when you change the password of your account.
setup-passwords-shown = The password for <bdi>{ $name }</bdi>
setup-passwords-shown-about = <b>It is shown only once.</b> On the device, log in as <b><bdi>{ $username }</bdi></b> with this password, typed exactly as shown here: lower case, with the hyphens. If you lose it, revoke it and make another.
setup-passwords-intro = A device password lets one device read and push positions, and use your files here. It opens no page here, and cannot change or delete your account. When a device is lost or sold, revoke its password: the others stay logged in, also when you change the password of your account.
setup-passwords-used = last used on { $day }
setup-passwords-used-from = last used on { $day }, from { $network }
setup-passwords-unused = not used yet
setup-passwords-made = made <time datetime="{ $datetime }" title="{ $exact }">{ $text }</time>
setup-passwords-revoke = Revoke
setup-passwords-revoke-name = Revoke the password of { $name }
setup-passwords-make-heading = Make a device password
setup-passwords-make-about = To set up a device with this server’s address and all else, use <a href="{ $link }">Set up a device</a>. For a password alone:
setup-passwords-name = Name of the device
setup-passwords-make = Make password
setup-passwords-count = You have { $count } of at most { $max }.
setup-passwords-name-empty = No password was made: the name is empty. Enter the device’s name.
setup-passwords-name-too-long = No password was made: the name is longer than { $max } characters. Shorten it.
setup-passwords-name-control = No password was made: the name has control characters. Enter it again, without line breaks.
setup-passwords-too-many = No password was made: you have { $max }, as many as an account may have. Revoke one that is no longer used.

# Where there are no books yet.
setup-empty-heading = No books yet: set up KOReader
setup-empty-files-about = You get KOReader’s settings as files to copy onto the device. To enter them there instead, open a book, then:
setup-empty-server = <b>Tools</b> (the wrench) → <b>Progress sync</b> → <b>Custom sync server</b>: enter
setup-empty-login = In the same menu, <b>Register / Login</b> → <b>Login</b>: enter your name, <b><bdi>{ $username }</bdi></b>, and your password.
setup-empty-push = Choose <b>Push progress from this device now</b>, then reload this page: your book appears here.
setup-empty-automatic = Turn on <b>Automatically keep documents in sync</b>, so that later positions are pushed without asking.
setup-empty-metadata = KOReader sends the titles of your books only if you turn that on in the same menu. You can also name your books here.

# The server's address.
setup-address-loopback = This page was opened at an address that only works on the server itself. On other devices, enter the server’s name or IP address in your network instead of “localhost” or “127.0.0.1”.
setup-address-mdns = Many e-readers cannot find names that end in .local. If yours does not find the server, enter its IP address instead.
setup-address-suggested = The address in your browser. Change it if the device needs another one to reach this server.
setup-address-configure = To have it shown everywhere, set <code>address</code> in the server’s configuration.
setup-address-certain = It syncs with <code>{ $address }</code>.
setup-address-server = the server’s address
setup-address-port-off = The server’s address is not known here: port 7200 of this app is switched off in Home Assistant. Enter a port in the app’s configuration, under Network; or, behind a reverse proxy, the proxy’s address in the option “address”.
setup-address-no-certificate-name = The server’s address is not known here: the certificate of the option “certfile” is for no single host name. Enter https://, a name that the certificate is for, and the app’s port. Enter that address in the option “address” to have it shown here.
setup-address-not-told = The server’s address is not known here: Home Assistant did not report it. Enter http://, or with “ssl” https://, Home Assistant’s address and the app’s port. Enter that address in the option “address” to have it shown here.
setup-address-not-yet-told = The server’s address is not known here yet: Home Assistant has not reported it. Reload the page in a moment, or enter it.
setup-address-invalid = No password was made: this is not an address such as http://192.168.1.20:7200 or https://books.example/kosync. Enter it with http:// or https://.

# Set up a device: the program, and the form.
setup-title = Set up a device
setup-which-program = Which program does the device read with?
setup-koreader-about = On Kobo, Kindle, PocketBook, reMarkable, Android and Linux. You get its settings as files, or what to type.
setup-crosspoint-about = On the Xteink X4 and similar readers. You get what to type.
setup-readest-about = On phones, tablets and computers. You get what to type, and codes to scan.
setup-other = Another program
setup-other-about = Any that syncs with a KOReader sync server. You get what to type, and codes to scan.
setup-own-password = The device gets a password of its own. When you lose the device, revoke it under <a href="{ $link }">Device passwords</a>.
setup-heading = Set up { $program }
setup-heading-other = Set up another program
setup-address = Address of this server
setup-files = Reading times and highlights
setup-files-about = The device’s reading statistics and exported highlights go into your folder here, which all your devices share. KOReader 2026.08 or later.
setup-installation = KOReader on this device
setup-in-use = Is in use
setup-in-use-about = What is set there stays. A small Lua patch adds the rest when KOReader starts next, and removes itself.
setup-new = Was never started
setup-new-about = Its settings come from the files. On a KOReader in use, <code>settings.reader.lua</code> would replace them all.
setup-download = Download the files
setup-show = Show what to type
setup-copy-heading = Copy the files
setup-copy = Copy these files into the “koreader” folder while KOReader is closed: unpack the ZIP, connect the device to your computer, and put the folders of the ZIP into that folder. Then start KOReader and open a book.
setup-device = Device
setup-folder = The folder
setup-hidden-folder = Folders whose names begin with a dot are hidden on many computers: show hidden files.
setup-files-then = KOReader sends reading times when you choose <b>Sync now</b> in its <b>Reading statistics</b>, and highlights when you export them. The page <a href="{ $link }">Files</a> explains how to send reading times automatically.
setup-replaced-heading = What changes on the device
setup-replaced = <code>settings/kosync.lua</code> replaces the file that is there: a login at another sync server and the other choices in <b>Progress sync</b> are lost.
setup-replaced-in-use = In use: with reading times and highlights, the statistics and the export of highlights choose your folder here instead of another cloud storage. All other settings stay.
setup-replaced-new = Never started: <code>settings.reader.lua</code> and <code>settings/cloudstorage.lua</code> are new. Files that already exist would be replaced as a whole.
setup-merge-by-hand = To change the files by hand instead, choose “Show what to type”: that page also has the lines to merge.
setup-what-is-set = Automatic sync is on, so KOReader turns on Wi-Fi by itself when you open or close a book. Titles and file names are sent.
setup-method =
    { $method ->
        [filename] Books are matched by their file name, as on your other devices (Filename).
        [binary] Books are matched by their content, as on your other devices (Binary).
       *[default] Books are matched by their content (Binary), as KOReader does by itself.
    }
setup-versions = KOReader reads these files from 2026.07 on. An older one, from 2024.04 on, takes the settings of progress sync from them if you choose “Is in use”; in a still older one, type. The KOReader from F-Droid runs no patches: there, merge the lines by hand.

# Set up a device: what to type.
setup-ready = Set up <bdi>{ $name }</bdi>
setup-once = <b>The password is shown only once.</b> Type it exactly as shown here: lower case, with the hyphens. If you lose it, revoke it and set up the device again.
setup-address-label = Address
setup-username-label = Name
setup-password-label = Password
setup-qr = QR code: { $what }
setup-qr-about = On a phone or tablet, scan a code with the camera and copy its text.
setup-steps-heading = In { $program }
setup-steps-heading-other = In the program
setup-koreader-server = Open a book, then <b>Tools</b> (the wrench) → <b>Progress sync</b> → <b>Custom sync server</b>: enter the address.
setup-koreader-login = In the same menu, <b>Register / Login</b> → <b>Login</b>: enter the name and the password.
setup-koreader-options = Turn on <b>Automatically keep documents in sync</b> and <b>Send document metadata</b>.
setup-koreader-cloud = <b>Tools</b> → <b>Cloud storage</b>, then the plus sign → <b>WebDAV</b>: enter any name, the address <code>{ $address }</code>, the name and the password. Leave the start folder empty, and choose <b>Save</b>.
setup-koreader-statistics = <b>Tools</b> → <b>Reading statistics</b> → <b>Settings</b> → <b>Cloud sync</b> → <b>Edit</b>: choose this server, press and hold <b>Long-press here to choose current folder</b>, then choose <b>Choose</b>.
setup-crosspoint-menu = On the reader, <b>Settings</b> → <b>System</b> → <b>KOReader Sync</b>. Or open <b>File Transfer</b> there, and the reader’s settings page in a browser, where you can paste.
setup-crosspoint-fields =
    { $method ->
        [filename] Enter name, password and address as <b>Username</b>, <b>Password</b> and <b>Sync Server URL</b>. Set <b>Document Matching</b> to <b>Filename</b>, as on your other devices.
        [binary] Enter name, password and address as <b>Username</b>, <b>Password</b> and <b>Sync Server URL</b>. Set <b>Document Matching</b> to <b>Binary</b>, as on your other devices.
       *[default] Enter name, password and address as <b>Username</b>, <b>Password</b> and <b>Sync Server URL</b>. Set <b>Document Matching</b> to <b>Binary</b>, as KOReader and Readest do.
    }
setup-crosspoint-login = Choose <b>Authenticate</b>. In a book, <b>Sync Progress</b> in the menu then syncs.
setup-readest-menu = Open <b>Settings</b> → <b>Integrations</b> → <b>KOReader Sync</b>.
setup-readest-fields = Enter address, name and password as <b>Server URL</b>, <b>Username</b> and <b>Password</b>, and choose <b>Connect</b>.
setup-readest-browser = Readest in a browser reaches this server only if <code>cors_origins</code> in the server’s configuration names its address.
setup-other-fields = Look for the settings of KOReader sync or “kosync”, and enter the address, the name and the password.
setup-other-login = Log in. Do not register: you have an account.
setup-merge-heading = Lines to merge into KOReader’s files
setup-merge = For a KOReader that has these files: close it, and add the lines to the tables that are there. If its statistics were synced elsewhere before, delete <code>settings/statistics.sqlite3.sync</code>. The lines contain the password.
setup-another = Set up another device

# The text file in the ZIP.
setup-readme = Settings for KOReader on “{ $name }”, which syncs with { $address }. Keep them private: they contain the password of the device.
setup-readme-in-use = The files replace settings/kosync.lua and add to all other settings: patches/2-kosync-setup.lua does so when KOReader starts next, and removes itself.
setup-readme-new = The files are for a KOReader that was never started. In one that is in use, settings.reader.lua and settings/cloudstorage.lua would replace all its settings.

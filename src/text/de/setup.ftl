# Gerätepasswörter: die Seite und ihr Link auf der Seite des Kontos.
setup-passwords-title = Gerätepasswörter
setup-passwords-about = Gib jedem Gerät ein eigenes Passwort: Du kannst es einzeln widerrufen, und es bleibt gültig, wenn du das Passwort deines Kontos änderst.
setup-passwords-shown = Das Passwort für <bdi>{ $name }</bdi>
setup-passwords-shown-about = <b>Es wird nur dieses eine Mal angezeigt.</b> Melde dich auf dem Gerät als <b><bdi>{ $username }</bdi></b> mit diesem Passwort an, genau wie es hier steht: Kleinbuchstaben, mit den Bindestrichen. Wenn du es verlierst, widerrufe es und erstelle ein neues.
setup-passwords-intro = Mit einem Gerätepasswort kann ein Gerät Positionen lesen und senden und deine Dateien hier benutzen. Es öffnet hier keine Seite und kann dein Konto weder ändern noch löschen. Wenn ein Gerät verloren geht oder verkauft wird, widerrufe sein Passwort: Die anderen bleiben angemeldet, auch wenn du das Passwort deines Kontos änderst.
setup-passwords-used = zuletzt benutzt am { $day }
setup-passwords-used-from = zuletzt benutzt am { $day }, aus { $network }
setup-passwords-unused = noch nicht benutzt
setup-passwords-made = erstellt: <time datetime="{ $datetime }" title="{ $exact }">{ $text }</time>
setup-passwords-revoke = Widerrufen
setup-passwords-revoke-name = Passwort von { $name } widerrufen
setup-passwords-make-heading = Gerätepasswort erstellen
setup-passwords-make-about = Um ein Gerät mit der Adresse dieses Servers und allem anderen einzurichten, verwende <a href="{ $link }">Gerät einrichten</a>. Nur für ein Passwort:
setup-passwords-name = Name des Geräts
setup-passwords-make = Passwort erstellen
setup-passwords-count = Du hast { $count } von höchstens { $max }.
setup-passwords-name-empty = Es wurde kein Passwort erstellt: Der Name ist leer. Gib den Namen des Geräts ein.
setup-passwords-name-too-long = Es wurde kein Passwort erstellt: Der Name ist länger als { $max } Zeichen. Kürze ihn.
setup-passwords-name-control = Es wurde kein Passwort erstellt: Der Name enthält Steuerzeichen. Gib ihn noch einmal ein, ohne Zeilenumbrüche.
setup-passwords-too-many = Es wurde kein Passwort erstellt: Du hast { $max }, mehr kann ein Konto nicht haben. Widerrufe eines, das nicht mehr benutzt wird.

# Wo es noch keine Bücher gibt.
setup-empty-heading = Noch keine Bücher: KOReader einrichten
setup-empty-files-about = Du bekommst die Einstellungen von KOReader als Dateien, die du auf das Gerät kopierst. Oder gib sie dort ein: Öffne ein Buch, dann:
setup-empty-server = <b>Werkzeuge</b> (der Schraubenschlüssel) → <b>Fortschrittssynchronisierung</b> → <b>Eigener Sync-Server</b>, und gib ein:
setup-empty-login = Im selben Menü <b>Registrieren / Einloggen</b> → <b>Einloggen</b>: Gib deinen Namen, <b><bdi>{ $username }</bdi></b>, und dein Passwort ein.
setup-empty-push = Wähle <b>Übertrage jetzt den Fortschritt von diesem Gerät</b> und lade diese Seite neu: Dein Buch erscheint hier.
setup-empty-automatic = Schalte <b>Dokumente automatisch synchron halten</b> ein, damit spätere Positionen ohne Nachfrage gesendet werden.
setup-empty-metadata = KOReader sendet die Titel deiner Bücher nur, wenn du das im selben Menü einschaltest. Du kannst deine Bücher auch hier benennen.

# Die Adresse des Servers.
setup-address-loopback = Diese Seite wurde unter einer Adresse geöffnet, die nur auf dem Server selbst funktioniert. Gib auf anderen Geräten statt „localhost“ oder „127.0.0.1“ den Namen oder die IP-Adresse des Servers in deinem Netzwerk ein.
setup-address-mdns = Viele E-Reader finden keine Namen, die auf .local enden. Findet deiner den Server nicht, gib stattdessen dessen IP-Adresse ein.
setup-address-suggested = Die Adresse in deinem Browser. Ändere sie, wenn das Gerät diesen Server unter einer anderen erreicht.
setup-address-configure = Damit sie überall angezeigt wird, setze <code>address</code> in der Konfiguration des Servers.
setup-address-certain = Es synchronisiert mit <code>{ $address }</code>.
setup-address-server = die Adresse des Servers
setup-address-port-off = Die Adresse des Servers ist hier nicht bekannt: Port 7200 dieser App ist in Home Assistant ausgeschaltet. Gib in der Konfiguration der App unter „Netzwerk“ einen Port ein, oder hinter einem Reverse-Proxy dessen Adresse in der Option „address“.
setup-address-no-certificate-name = Die Adresse des Servers ist hier nicht bekannt: Das Zertifikat der Option „certfile“ gilt für keinen einzelnen Hostnamen. Gib https://, einen Namen, für den das Zertifikat gilt, und den Port der App ein. Trage diese Adresse in der Option „address“ ein, damit sie hier erscheint.
setup-address-not-told = Die Adresse des Servers ist hier nicht bekannt: Home Assistant hat sie nicht mitgeteilt. Gib http://, oder mit „ssl“ https://, die Adresse von Home Assistant und den Port der App ein. Trage diese Adresse in der Option „address“ ein, damit sie hier erscheint.
setup-address-not-yet-told = Die Adresse des Servers ist hier noch nicht bekannt: Home Assistant hat sie noch nicht mitgeteilt. Lade die Seite gleich neu, oder gib sie ein.
setup-address-invalid = Es wurde kein Passwort erstellt: Das ist keine Adresse wie http://192.168.1.20:7200 oder https://books.example/kosync. Gib sie mit http:// oder https:// ein.

# Gerät einrichten: das Programm und das Formular.
setup-title = Gerät einrichten
setup-which-program = Mit welchem Programm liest das Gerät?
setup-koreader-about = Auf Kobo, Kindle, PocketBook, reMarkable, Android und Linux. Du bekommst die Einstellungen als Dateien, oder was du eingeben musst.
setup-crosspoint-about = Auf dem Xteink X4 und ähnlichen Lesegeräten. Du bekommst, was du eingeben musst.
setup-readest-about = Auf Handys, Tablets und Computern. Du bekommst, was du eingeben musst, und Codes zum Scannen.
setup-other = Ein anderes Programm
setup-other-about = Jedes, das mit einem Sync-Server von KOReader synchronisiert. Du bekommst, was du eingeben musst, und Codes zum Scannen.
setup-own-password = Das Gerät bekommt ein eigenes Passwort. Wenn du das Gerät verlierst, widerrufe es unter <a href="{ $link }">Gerätepasswörter</a>.
setup-heading = { $program } einrichten
setup-heading-other = Ein anderes Programm einrichten
setup-address = Adresse dieses Servers
setup-files = Lesezeiten und Markierungen
setup-files-about = Die Lesestatistik und die exportierten Markierungen des Geräts kommen in deinen Ordner hier, den alle deine Geräte teilen. Ab KOReader 2026.08.
setup-installation = KOReader auf diesem Gerät
setup-in-use = Wird schon benutzt
setup-in-use-about = Was dort eingestellt ist, bleibt. Ein kleiner Lua-Patch ergänzt das Übrige, wenn KOReader das nächste Mal startet, und entfernt sich selbst.
setup-new = Wurde noch nie gestartet
setup-new-about = Seine Einstellungen entstehen aus den Dateien. In einem KOReader, der schon benutzt wird, würde <code>settings.reader.lua</code> alle ersetzen.
setup-download = Dateien herunterladen
setup-show = Zeigen, was einzugeben ist
setup-copy-heading = Dateien kopieren
setup-copy = Kopiere diese Dateien in den Ordner „koreader“, während KOReader geschlossen ist: Entpacke die ZIP-Datei, verbinde das Gerät mit deinem Computer und lege die Ordner aus der ZIP-Datei in diesen Ordner. Starte dann KOReader und öffne ein Buch.
setup-device = Gerät
setup-folder = Der Ordner
setup-hidden-folder = Ordner, deren Name mit einem Punkt beginnt, sind auf vielen Computern verborgen: Lass versteckte Dateien anzeigen.
setup-files-then = KOReader sendet Lesezeiten, wenn du sie im Menü <b>Lesestatistiken</b> synchronisierst, und Markierungen, wenn du sie exportierst. Wie Lesezeiten von selbst gesendet werden, steht auf der Seite <a href="{ $link }">Dateien</a>.
setup-replaced-heading = Was sich auf dem Gerät ändert
setup-replaced = <code>settings/kosync.lua</code> ersetzt die Datei, die dort ist: Eine Anmeldung an einem anderen Sync-Server und die übrige Auswahl unter <b>Fortschrittssynchronisierung</b> gehen verloren.
setup-replaced-in-use = Wird schon benutzt: Mit Lesezeiten und Markierungen wählen die Statistik und der Export der Markierungen deinen Ordner hier statt eines anderen Cloudspeichers. Alle anderen Einstellungen bleiben.
setup-replaced-new = Noch nie gestartet: <code>settings.reader.lua</code> und <code>settings/cloudstorage.lua</code> sind neu. Dateien, die schon da sind, würden ganz ersetzt.
setup-merge-by-hand = Um die Dateien stattdessen von Hand zu ändern, wähle „Zeigen, was einzugeben ist“: Die Seite hat auch die Zeilen zum Einfügen.
setup-what-is-set = Die automatische Synchronisierung ist eingeschaltet; KOReader schaltet also WLAN selbst ein, wenn du ein Buch öffnest oder schließt. Titel und Dateinamen werden gesendet.
setup-method =
    { $method ->
        [filename] Bücher werden am Dateinamen erkannt, wie auf deinen anderen Geräten (Dateiname).
        [binary] Bücher werden am Inhalt erkannt, wie auf deinen anderen Geräten (Binär).
       *[default] Bücher werden am Inhalt erkannt (Binär), wie KOReader es von sich aus tut.
    }
setup-versions = KOReader liest diese Dateien ab 2026.07. Ein älterer, ab 2024.04, übernimmt daraus die Fortschrittssynchronisierung, wenn du „Wird schon benutzt“ wählst; in einem noch älteren gib alles ein. Der KOReader von F-Droid führt keine Patches aus: Füge dort die Zeilen von Hand ein.

# Gerät einrichten: was einzugeben ist.
setup-ready = <bdi>{ $name }</bdi> einrichten
setup-once = <b>Das Passwort wird nur dieses eine Mal angezeigt.</b> Gib es genau so ein, wie es hier steht: Kleinbuchstaben, mit den Bindestrichen. Wenn du es verlierst, widerrufe es und richte das Gerät noch einmal ein.
setup-address-label = Adresse
setup-username-label = Name
setup-password-label = Passwort
setup-qr = QR-Code: { $what }
setup-qr-about = Auf einem Handy oder Tablet kannst du einen Code mit der Kamera scannen und seinen Text kopieren.
setup-steps-heading = In { $program }
setup-steps-heading-other = Im Programm
setup-koreader-server = Öffne ein Buch, dann <b>Werkzeuge</b> (der Schraubenschlüssel) → <b>Fortschrittssynchronisierung</b> → <b>Eigener Sync-Server</b>: Gib die Adresse ein.
setup-koreader-login = Im selben Menü <b>Registrieren / Einloggen</b> → <b>Einloggen</b>: Gib den Namen und das Passwort ein.
setup-koreader-options = Schalte <b>Dokumente automatisch synchron halten</b> und das Senden der Metadaten ein.
setup-koreader-cloud = <b>Werkzeuge</b> → <b>Cloudspeicher</b>, dann das Pluszeichen → <b>WebDAV</b>: Gib irgendeinen Namen, die Adresse <code>{ $address }</code>, den Namen und das Passwort ein. Lass den Startordner leer und speichere.
setup-koreader-statistics = <b>Werkzeuge</b> → <b>Lesestatistiken</b> → <b>Einstellungen</b> → Cloud-Synchronisierung → <b>Bearbeiten</b>: Wähle diesen Server, drücke lange auf die erste Zeile, die den aktuellen Ordner wählt, und dann auf <b>Wählen</b>.
setup-crosspoint-menu = Auf dem Lesegerät <b>Settings</b> → <b>System</b> → <b>KOReader Sync</b>. Oder öffne dort <b>File Transfer</b> und im Browser die Einstellungen des Lesegeräts: Dort kannst du einfügen.
setup-crosspoint-fields =
    { $method ->
        [filename] Gib Name, Passwort und Adresse als <b>Username</b>, <b>Password</b> und <b>Sync Server URL</b> ein. Setze <b>Document Matching</b> auf <b>Filename</b>, wie auf deinen anderen Geräten.
        [binary] Gib Name, Passwort und Adresse als <b>Username</b>, <b>Password</b> und <b>Sync Server URL</b> ein. Setze <b>Document Matching</b> auf <b>Binary</b>, wie auf deinen anderen Geräten.
       *[default] Gib Name, Passwort und Adresse als <b>Username</b>, <b>Password</b> und <b>Sync Server URL</b> ein. Setze <b>Document Matching</b> auf <b>Binary</b>, wie es KOReader und Readest tun.
    }
setup-crosspoint-login = Wähle <b>Authenticate</b>. In einem Buch synchronisiert dann <b>Sync Progress</b> im Menü.
setup-readest-menu = Öffne die <b>Einstellungen</b> → Integrationen (<b>Integrations</b>) → <b>KOReader Sync</b>.
setup-readest-fields = Gib Adresse, Name und Passwort in die drei Felder ein (<b>Server URL</b>, <b>Username</b>, <b>Password</b>) und verbinde (<b>Connect</b>).
setup-readest-browser = Readest im Browser erreicht diesen Server nur, wenn <code>cors_origins</code> in der Konfiguration des Servers seine Adresse nennt.
setup-other-fields = Suche die Einstellungen für KOReader-Sync oder „kosync“ und gib die Adresse, den Namen und das Passwort ein.
setup-other-login = Melde dich an. Registriere dich nicht: Du hast ein Konto.
setup-merge-heading = Zeilen zum Einfügen in die Dateien von KOReader
setup-merge = Für einen KOReader, der diese Dateien schon hat: Schließe ihn und füge die Zeilen in die vorhandenen Tabellen ein. Wurde seine Statistik bisher anderswo synchronisiert, lösche <code>settings/statistics.sqlite3.sync</code>. Die Zeilen enthalten das Passwort.
setup-another = Noch ein Gerät einrichten

# Die Textdatei im ZIP.
setup-readme = Einstellungen für KOReader auf „{ $name }“, das mit { $address } synchronisiert. Behalte sie für dich: Sie enthalten das Passwort des Geräts.
setup-readme-in-use = Die Dateien ersetzen settings/kosync.lua und ergänzen alle anderen Einstellungen: patches/2-kosync-setup.lua tut das, wenn KOReader das nächste Mal startet, und entfernt sich selbst.
setup-readme-new = Die Dateien sind für einen KOReader, der noch nie gestartet wurde. In einem, der schon benutzt wird, würden settings.reader.lua und settings/cloudstorage.lua alle Einstellungen ersetzen.

login-title = Anmelden
login-intro = Verwende den Namen und das Passwort von deinem E-Reader.
login-name = Name
login-password = Passwort
login-no-account = Noch kein Konto? <a href="{ $link }">Lege eines an</a>, oder registriere dich in KOReader: <b>Werkzeuge → Fortschrittssynchronisierung → Registrieren / Einloggen</b>, nachdem du diese Adresse unter <b>Eigener Sync-Server</b> eingegeben hast:
login-closed = Noch kein Konto? Die Registrierung ist auf diesem Server geschlossen. Bitte seinen Administrator um ein Konto.
login-forgotten = Passwort vergessen? Ein Administrator dieses Servers kann ein neues setzen, hier unter <b>Konten verwalten</b> oder auf dem Server mit <code>kosync user passwd NAME</code>.
login-register-title = Konto anlegen
login-register-intro = Verwende in KOReader denselben Namen und dasselbe Passwort. Der Server hat keine Kopie des Passworts, die er dir schicken könnte: Merke es dir.
login-have-account = Du hast ein Konto? <a href="{ $link }">Melde dich an</a>
login-repeat-password = Passwort wiederholen
login-create-account = Konto anlegen
login-create-intro = Verwende in KOReader denselben Namen und dasselbe Passwort.
login-choose-title = Wähle ein Konto
login-home-assistant-user = Home Assistant hat dich als <b><bdi>{ $name }</bdi></b> angemeldet.
login-choose-listed = Die Seiten zeigen das Konto, das du hier wählst.
login-choose-once = Melde dich einmal mit dem Namen und dem Passwort von deinem E-Reader an. Die Seiten zeigen dann dieses Konto, bis sich sein Passwort ändert.
login-choose-again = Um neu zu wählen, verwende „Konto wechseln“ oben auf jeder Seite.
login-books =
    { $count ->
        [one] { $count } Buch
       *[other] { $count } Bücher
    }
login-again-title = Noch einmal senden?
login-again-intro = Du bist wieder angemeldet. Deine Sitzung war zu Ende, also wurde noch nichts gespeichert. Das hast du eingegeben:
login-current-password = Bisheriges Passwort
login-new-password = Neues Passwort
login-repeat-new-password = Neues Passwort wiederholen
login-do-not-send = Nicht senden, sondern zur Seite mit dem Formular
login-session-ended = Deine Sitzung ist zu Ende, also wurde nichts gespeichert. Melde dich an: Danach kannst du senden, was du eingegeben hast.
login-session-ended-repeat = Deine Sitzung ist zu Ende, also wurde nichts gespeichert. Melde dich an und mach es noch einmal.
login-session-ended-too-long = Deine Sitzung ist zu Ende, also wurde nichts gespeichert. Was du eingegeben hast, ist zu lang, um hier aufgehoben zu werden: Geh im Browser zurück und kopiere es, dann melde dich an.
login-session-ended-file = Deine Sitzung ist zu Ende, also wurde nichts gespeichert. Melde dich an und wähle die Datei noch einmal.
login-taken = Ein Konto mit diesem Namen gibt es schon. Wähle einen anderen Namen, oder melde dich mit seinem Passwort an.
login-account-gone = Dieses Konto gibt es nicht mehr. Wähle ein anderes, oder lege eines an.
login-not-created = Das Konto wurde nicht angelegt: { $reason }.

errors-title = Fehler: { $title }
errors-nothing-changed = Es wurde nichts geändert
errors-login-failed = Anmeldung fehlgeschlagen
errors-not-logged-in = Nicht angemeldet
errors-not-logged-in-text = Melde dich an und versuche es noch einmal.
errors-cross-origin = Formular abgelehnt
errors-cross-origin-text = Es wurde nichts geändert: Das Formular kam von { $origin }, die Anfrage ging aber an { $host }. Sind beide dieser Server, dann ändert ein Proxy davor den Header Host. Setze in nginx `proxy_set_header Host $http_host;` ($host lässt den Port weg). Sonst geh zurück, lade die Seite neu und versuche es noch einmal.
errors-no-ingress-user = Kein Benutzer von Home Assistant
errors-no-ingress-user-text = Home Assistant hat deine Benutzer-ID nicht gesendet, also gibt es kein Konto zu zeigen. Lade diese Seite neu; hilft das nicht, starte Home Assistant neu.
errors-not-administrator = Nur für Administratoren
errors-not-administrator-text = Dein Konto kann keine anderen Konten verwalten. Melde dich mit dem Konto eines Administrators an.
errors-no-page = Seite nicht gefunden
errors-no-page-text = Unter dieser Adresse gibt es keine Seite. Vielleicht wurde sie gelöscht, oder die Adresse ist unvollständig.
errors-method = Methode nicht erlaubt
errors-method-text = Diese Adresse beantwortet nur { $methods }. Verwende stattdessen die Links und Schaltflächen der Seiten.
errors-registration-closed = Die Registrierung ist geschlossen
errors-registration-closed-text = Die Registrierung ist auf diesem Server geschlossen. Bitte seinen Administrator um ein Konto.
errors-wrong-credentials = Der Name oder das Passwort ist falsch.
errors-wrong-password = Das Passwort ist falsch.
errors-disabled = Dieses Konto ist gesperrt. Bitte den Administrator des Servers, es freizugeben.
errors-device-password = Das ist ein Gerätepasswort. Es ist für Leseprogramme und öffnet keine Seite. Verwende das Passwort deines Kontos.
errors-too-large = Formular zu groß
errors-too-large-text = Es wurde nichts geändert: Das Formular ist größer als { $max } Byte. Kürze es und versuche es noch einmal.
errors-incomplete = Formular unvollständig
errors-incomplete-text = Es wurde nichts geändert: Das Formular kam nicht vollständig und rechtzeitig an. Prüfe deine Verbindung und versuche es noch einmal.
errors-too-many-failures =
    { $seconds ->
        [one] Zu viele fehlgeschlagene Anmeldungen. Versuche es in { $seconds } Sekunde noch einmal.
       *[other] Zu viele fehlgeschlagene Anmeldungen. Versuche es in { $seconds } Sekunden noch einmal.
    }
errors-too-many-registrations =
    { $seconds ->
        [one] Es wurden zu viele Konten angelegt. Versuche es in { $seconds } Sekunde noch einmal.
       *[other] Es wurden zu viele Konten angelegt. Versuche es in { $seconds } Sekunden noch einmal.
    }
errors-busy = Server ausgelastet
errors-heavy-read-text = Ein anderer Export, eine Sicherung oder eine Prüfung läuft. Versuche es noch einmal, wenn das zu Ende ist.
errors-upload-too-large = Datei zu groß
errors-upload-too-large-text = Es wurde nichts geändert: Die Datei ist größer als { $max } Byte. Erhöhe `max_import_bytes` in der Konfiguration des Servers, oder importiere die Datei mit `kosync import` auf dem Server.
errors-busy-text = Der Server hat zu viele Anfragen, um diese zu beantworten. Versuche es gleich noch einmal.
errors-disk-full = Datenträger voll
errors-disk-full-text = Es wurde nichts geändert: Der Datenträger des Servers ist voll. Sein Administrator muss Platz schaffen.
errors-no-room = Kein Platz mehr
errors-no-room-text = Es wurde nichts geändert: Deine Positionen brauchen so viel Platz, wie dein Konto haben darf. Lösche einige Bücher, oder bitte den Administrator des Servers um mehr.
errors-disk-error = Datenträgerfehler
errors-disk-error-text = Es wurde nichts geändert: Der Server kann nicht auf seinen Datenträger schreiben. Sein Administrator muss ihn prüfen; Näheres steht im Log des Servers.
errors-data-missing = Datenverzeichnis fehlt
errors-data-missing-text = Es wurde nichts geändert: Das Datenverzeichnis des Servers wurde gelöscht oder ersetzt. Sein Administrator muss den Server anhalten, das Verzeichnis zurücklegen und den Server wieder starten.
errors-internal = Serverfehler
errors-internal-text = Ein unerwarteter Fehler ist aufgetreten. Versuche es noch einmal; kommt er wieder, bitte den Administrator des Servers, in das Log zu sehen.
errors-password-empty = Das neue Passwort ist leer. Gib es in beide Felder ein.
errors-passwords-differ = Die beiden Passwörter sind verschieden. Gib in beide Felder dasselbe ein.
errors-name-taken = Ein Konto mit diesem Namen gibt es schon. Wähle einen anderen Namen.
errors-field-username = der Name
errors-field-name = der Name
errors-field-password = das Passwort
errors-invalid-empty = { $field } ist leer
errors-invalid-colon = { $field } darf keinen Doppelpunkt enthalten
errors-invalid-control = { $field } darf keine Steuerzeichen enthalten
errors-invalid-bytes = { $field } ist länger als { $limit } Byte
errors-invalid-characters = { $field } ist länger als { $limit } Zeichen
errors-back-to-form = Zurück zum Formular
errors-try-again = Noch einmal versuchen
errors-log-in = Anmelden
errors-to-books = Zu deinen Büchern
errors-to-accounts = Zu den Konten
errors-to-files = Zu deinen Dateien
errors-to-highlights = Zu deinen Markierungen
errors-to-device-passwords = Zu deinen Gerätepasswörtern
errors-to-overview = Zur Übersicht
errors-user-header = Kein gültiger Benutzername
errors-user-header-text =
    Der Proxy vor diesem Server nennt dich im Header { $header }, aber { $fault ->
        [several] der hat mehrere Werte
        [empty] der ist leer
       *[unreadable] der ist kein Name von höchstens 255 Byte in UTF-8
    }. Der Administrator des Servers muss den Proxy so einrichten, dass er diesen Header durch einen einzigen Namen ersetzt.

admin-accounts-title = Konten
admin-registration-open = Die Registrierung ist offen
admin-registration-closed = Die Registrierung ist geschlossen
admin-registration-open-about = Jedes Gerät, das diesen Server erreicht, kann ein Konto anlegen.
admin-registration-closed-about = Geräte können keine Konten anlegen. Du kannst sie unten anlegen.
admin-registration-configured-open = In der Konfiguration steht „offen“. Deine Wahl hier geht vor, auch nach einem Neustart, bis die Konfiguration geändert wird.
admin-registration-configured-closed = In der Konfiguration steht „geschlossen“. Deine Wahl hier geht vor, auch nach einem Neustart, bis die Konfiguration geändert wird.
admin-close-registration = Registrierung schließen
admin-open-registration = Registrierung öffnen
admin-account-count =
    { $count ->
        [one] { $count } Konto
       *[other] { $count } Konten
    }
admin-limits = Jedes Konto darf { $books } Bücher, { $positions } an Positionen und { $files } an Dateien haben, laut den Einstellungen { $settings }.
admin-name = Name
admin-books = Bücher
admin-positions = Positionen
admin-files = Dateien
admin-last-used = Zuletzt benutzt
admin-never = nie
admin-export-link = Exportieren
admin-administrator = Administrator
admin-disabled = gesperrt
admin-enabled = aktiv
admin-last-used-about = „Zuletzt benutzt“ ist die Zeit, zu der zuletzt eine Position ankam oder sich jemand auf diesen Seiten angemeldet hat, auf die Stunde genau. Größen sind geschätzt: was das Konto von der Datendatei belegt, gezählt beim Öffnen dieser Seite.
admin-create-account = Konto anlegen
admin-account-heading = Konto <bdi>{ $name }</bdi>
admin-number = Nummer
admin-created = Angelegt
admin-status = Status
admin-is-admin = Dieses Konto kann nicht gesperrt oder gelöscht werden. Sein Passwort änderst du auf seiner eigenen Seite, <a href="{ $link }">Konto</a>.
admin-disable-heading = Konto sperren
admin-enable-heading = Konto freigeben
admin-disable-about = Seine Geräte können sich dann nicht mehr anmelden und keine Positionen senden oder abrufen. Nichts wird gelöscht.
admin-enable-about = Seine Geräte können sich dann wieder anmelden und Positionen senden und abrufen.
admin-disable = Sperren
admin-enable = Freigeben
admin-change-password = Passwort ändern
admin-new-password = Neues Passwort
admin-repeat-password = Neues Passwort wiederholen
admin-import-heading = Import und Export
admin-export-about = Der Export enthält nur dieses Konto, mit dem Hash seines Passworts, seinen Positionen und Verläufen, ohne die Dateien seines WebDAV-Ordners. Was ein anderer Server von ihm hat, wird auf der Seite <a href="{ $link }">Import und Export</a> eingelesen.
admin-download-export = Export herunterladen
admin-delete = Konto löschen …
admin-all-accounts = Alle Konten
admin-of = { $part } von { $whole }
admin-server-title = Server
admin-program = Programm
admin-version = Version
admin-version-from = Des Programms, das diese Seite erzeugt hat.
admin-started = Gestartet
admin-started-from = Nach der Uhr des Servers: als dieser Prozess seine Daten öffnete.
admin-not-known = unbekannt
admin-health = Zustand
admin-health-good = Gut: Die Daten sind lesbar, und ihre Dateien sind an ihrem Ort.
admin-health-from = Dieselbe Prüfung wie /healthcheck, gerade eben.
admin-disk = Datenträger
admin-directory = Datenverzeichnis
admin-directory-from = Aus der Konfiguration.
admin-disk-free = Frei auf seinem Datenträger
admin-disk-free-from = Was das Dateisystem gerade meldet.
admin-disk-reserve = Bleibt frei
admin-disk-reserve-from = Darunter werden Positionen neuer Bücher abgelehnt; Einstellung min_free_disk.
admin-file = Datendatei
admin-file-from = Die Größe von data.mdb.
admin-file-used = Davon belegt
admin-file-used-from = Die Seiten mit Daten, von LMDB gezählt. Der Rest der Datei wird benutzt, bevor sie wächst.
admin-file-max = Darf wachsen bis
admin-file-max-from = Die Einstellung max_store_bytes; ohne sie nach der Größe des Datenträgers beim Start.
admin-copies = Sicherungen
admin-backup = Letzte Sicherung
admin-backup-from = In den Daten vermerkt von kosync backup und der Seite Import und Export. Kopien anderer Programme, etwa von Home Assistant, sind hier nicht bekannt.
admin-last-export = Letzter Export
admin-export-from = In den Daten vermerkt von kosync export und der Seite Import und Export: Exporte aller Konten.
admin-none-known = keine bekannt
admin-load = Last und Verbindungen
admin-queue = Wartende Schreibvorgänge
admin-queue-from = Die Warteschlange vor dem Datenträger, gerade eben. Ist sie voll, sollen Geräte es noch einmal versuchen.
admin-connections = Offene Verbindungen
admin-connections-from = An allen Adressen dieses Prozesses, gerade eben, die Verbindung dieser Seite eingeschlossen; Einstellung max_connections, gesenkt auf das, was das System erlaubt.
admin-mqtt = MQTT
admin-mqtt-off = aus
admin-mqtt-connected = Verbunden mit { $broker } seit dem { $since }.
admin-mqtt-disconnected = Keine Verbindung seit dem { $since }: { $reason }
admin-mqtt-from = Der Zustand der Verbindung zum Broker in diesem Prozess; Einstellungen mqtt.
admin-errors = Letzte Fehler und Warnungen
admin-error = Fehler
admin-errors-none = Keine seit dem Start.
admin-errors-from = Aus dem Log dieses Prozesses seit dem Start, in dessen Sprache: jeweils höchstens zehn.
admin-errors-elsewhere = Das Programm, zu dem dieser Server gehört, hat sie in seinem Log.
admin-transfer-title = Import und Export
admin-import = Importieren
admin-import-switched-off = Das Hochladen ist durch <code>max_import_bytes</code> in der Konfiguration des Servers abgeschaltet.
admin-import-intro = Übernimmt Konten, Passwörter und Positionen aus einem Export von kosync oder aus der <code>Kosync.db</code> von kosync-dotnet. Die nächste Seite zeigt, was geschehen würde; nichts ändert sich, bevor du es bestätigst.
admin-import-file = Datei, höchstens { $max }
admin-import-log = Kosync-log.db, falls sie neben der Kosync.db liegt
admin-import-upload = Hochladen und Vorschau zeigen
admin-import-reading =
    { $documents ->
        [one] <b><bdi>{ $label }</bdi></b> wird gelesen … { $documents } Dokument bisher verglichen. Noch hat sich nichts geändert. Diese Seite lädt sich selbst neu.
       *[other] <b><bdi>{ $label }</bdi></b> wird gelesen … { $documents } Dokumente bisher verglichen. Noch hat sich nichts geändert. Diese Seite lädt sich selbst neu.
    }
admin-import-preview = Vorschau von <b><bdi>{ $label }</bdi></b>. Noch hat sich nichts geändert.
admin-import-other-password = Hier ein anderes Passwort
admin-import-other-password-about = So ein Konto kann jemand anderem gehören. Wähle die aus, die derselben Person gehören: Ihre Bücher werden importiert, und das Passwort hier bleibt.
admin-import-preview-again = Vorschau aktualisieren
admin-import-importing =
    { $of ->
        [one] <b><bdi>{ $label }</bdi></b> wird importiert … { $documents } von { $of } Dokument. Der Server bleibt für alle erreichbar. Diese Seite lädt sich selbst neu.
       *[other] <b><bdi>{ $label }</bdi></b> wird importiert … { $documents } von { $of } Dokumenten. Der Server bleibt für alle erreichbar. Diese Seite lädt sich selbst neu.
    }
admin-import-finished = <b><bdi>{ $label }</bdi></b> wurde importiert.
admin-import-another = Weitere Datei importieren
admin-import-choose-another = Andere Datei wählen
admin-import-stop = Anhalten
admin-import-stopped = Der Import wurde angehalten; was bis dahin importiert wurde, bleibt.
admin-import-not-waiting = Dieser Import wartet nicht mehr auf eine Entscheidung: Er wurde inzwischen begonnen oder verworfen, oder seine Datei lag schon eine Stunde hier.
admin-import-running = Ein anderer Import läuft. Warte, bis er zu Ende ist, oder halte ihn an.
admin-import-no-file = Es wurde keine Datei gewählt. Wähle die Datei, die importiert werden soll.
admin-import-malformed = Das Hochgeladene ist kein Formular mit einer Datei oder wurde abgeschnitten. Geh zurück und versuche es noch einmal.
admin-import-no-uploads = Das Hochladen ist durch „max_import_bytes“ abgeschaltet.
admin-report-created = Angelegt: { $accounts ->
        [one] { $accounts } Konto
       *[other] { $accounts } Konten
    } und { $documents ->
        [one] { $documents } Dokument
       *[other] { $documents } Dokumente
    }.
admin-report-would-create = Würde anlegen: { $accounts ->
        [one] { $accounts } Konto
       *[other] { $accounts } Konten
    } und { $documents ->
        [one] { $documents } Dokument
       *[other] { $documents } Dokumente
    }.
admin-report-advanced = Auf eine neuere Position gebracht: { $documents ->
        [one] { $documents } Dokument
       *[other] { $documents } Dokumente
    }; die frühere steht im Verlauf.
admin-report-would-advance = Würde auf eine neuere Position bringen: { $documents ->
        [one] { $documents } Dokument
       *[other] { $documents } Dokumente
    }; die frühere steht im Verlauf.
admin-report-unchanged = Unverändert: { $accounts ->
        [one] { $accounts } Konto
       *[other] { $accounts } Konten
    }, mit dem Passwort, das sie hier haben, und { $documents ->
        [one] { $documents } Dokument
       *[other] { $documents } Dokumente
    }, deren Position hier ebenso neu oder neuer ist.
admin-report-aliases = Weitere IDs von Dokumenten: { $created } hinzugefügt, { $unchanged } nicht nötig.
admin-report-would-alias = Weitere IDs von Dokumenten: { $created } hinzuzufügen, { $unchanged } nicht nötig.
admin-report-skipped = Übersprungen: { $count ->
        [one] { $count } Eintrag
       *[other] { $count } Einträge
    }, siehe unten.
admin-report-would-skip = Würde überspringen: { $count ->
        [one] { $count } Eintrag
       *[other] { $count } Einträge
    }, siehe unten.
admin-report-left-out = Ausgelassen mit { $documents ->
        [one] { $documents } Dokument
       *[other] { $documents } Dokumenten
    }: { $names }. Um eines in das Konto dieses Namens hier zu importieren, das sein Passwort behält, lade die Datei noch einmal hoch und wähle es aus.
admin-report-would-leave-out = Ausgelassen mit { $documents ->
        [one] { $documents } Dokument
       *[other] { $documents } Dokumenten
    }: { $names }. Um eines in das Konto dieses Namens hier zu importieren, das sein Passwort behält, wähle es unten aus.
admin-report-without-password = Ohne Passwort: { $names }. Setze für jedes eines unter „Konten verwalten“.
admin-report-reader-named-admin = Die Quelle hat ein gewöhnliches Konto „admin“. So heißt hier das des Administrators: Sobald ein Administratorpasswort gesetzt ist, meldet sich „admin“ mit diesem an.
admin-report-lacks-log = Neben der Datenbank liegt kein Log (Kosync-log.db), was üblich ist. Liegt eines neben dem Original, stehen die neuesten Positionen nur darin: Lade es zusammen mit der Datenbank hoch.
admin-report-skipped-records = Übersprungene Einträge
admin-report-more =
    { $count ->
        [one] … und { $count } weiterer
       *[other] … und { $count } weitere
    }
admin-export = Export und Sicherung
admin-export-intro = Beide enthalten alles, samt den Passwort-Hashes aller Konten: Halte sie unter Verschluss.
admin-export-download = Export herunterladen
admin-export-text = Text, den diese Seite und <code>kosync import</code> auf jedem Rechner lesen. Ohne die Dateien der WebDAV-Ordner.
admin-backup-download = Sicherung herunterladen
admin-backup-about = Eine Kopie der Datendatei, für <code>kosync restore</code>.
admin-check = Prüfen
admin-check-intro = Liest alle Daten und meldet, ob sie stimmig sind.
admin-check-button = Daten prüfen
admin-check-summary = { $accounts ->
        [one] { $accounts } Konto
       *[other] { $accounts } Konten
    }, { $documents ->
        [one] { $documents } Dokument
       *[other] { $documents } Dokumente
    }, { $positions ->
        [one] { $positions } Position samt Verlauf
       *[other] { $positions } Positionen samt Verlauf
    }, { $sessions ->
        [one] { $sessions } Sitzung
       *[other] { $sessions } Sitzungen
    }, { $size }.
admin-check-aliases =
    { $count ->
        [one] { $count } weitere ID von Dokumenten.
       *[other] { $count } weitere IDs von Dokumenten.
    }
admin-check-files =
    { $count ->
        [one] { $count } Datei in WebDAV-Ordnern.
       *[other] { $count } Dateien in WebDAV-Ordnern.
    }
admin-check-old-rows =
    { $count ->
        [one] { $count } Zeile im Format einer älteren Version; sie wird umgewandelt, wenn sie das nächste Mal geschrieben wird.
       *[other] { $count } Zeilen im Format einer älteren Version; jede wird umgewandelt, wenn sie das nächste Mal geschrieben wird.
    }
admin-check-sound = Keine Fehler gefunden.
admin-check-problems =
    { $count ->
        [one] Die Datenbank hat { $count } Fehler: Stelle eine Sicherung wieder her oder melde das als Programmfehler.
       *[other] Die Datenbank hat { $count } Fehler: Stelle eine Sicherung wieder her oder melde das als Programmfehler.
    }
admin-protected = Das Konto admin lässt sich weder sperren noch löschen, und nur wer es besitzt, kann sein Passwort ändern.
admin-suggested = Alle Konten verwalten
admin-suggested-about = Noch ist kein Konto Administrator. Home Assistant teilt Apps nicht mit, wer seine Administratoren sind: Trage <code>{ $user }</code> unter <b>Einstellungen → Apps → KOReader Sync → Konfiguration → Verwaltung</b> ein, speichere und starte die App neu.
admin-import-unexpected = ein unerwarteter Fehler hat den Import beendet; die Ursache steht im Log des Servers
admin-import-interrupted = der Import ist abgebrochen, und was bis dahin importiert wurde, bleibt; behebe das und wiederhole ihn: { $reason }
admin-record-line = Zeile { $number }
admin-record-account = Konto { $name }
admin-record-notes = Notizen des Kontos { $name }
admin-record-document = Dokument { $name }
admin-record-documents-from = Dokument { $number } und alle danach
admin-record-all-documents = alle Dokumente
admin-record-book = Buch mit dem Dokument { $name }
admin-record-alias = andere ID { $name }
admin-record-at = das Konto in Seite { $page }, Platz { $slot }
admin-record-end = das Ende der Datei
admin-record-more =
    { $count ->
        [one] { $count } weiterer
       *[other] { $count } weitere
    }
admin-skip-foreign-hash = der Schlüssel ist kein Argon2id-Hash, wie ihn dieser Server erzeugt
admin-skip-blank-name = der Name beginnt oder endet mit einem Leerzeichen; hier wäre es ein anderes Konto
admin-skip-future = die Zeit liegt in der Zukunft: { $timestamp } s nach 1970
admin-skip-no-account = das Konto dazu gibt es nicht
admin-skip-other-password = das Konto dieses Namens hat hier ein anderes Passwort, kann also jemand anderem gehören
admin-skip-other-hash = das Konto dieses Namens hat hier ein anderes Passwort oder dasselbe, neu gesetzt, kann also jemand anderem gehören
admin-skip-unknown-password = die Quelle kennt das Passwort nicht, das Konto dieses Namens kann hier also jemand anderem gehören
admin-skip-too-long = sie ist länger als { $max }
admin-skip-no-record = das ist kein Eintrag eines Exports: { $detail }
admin-skip-unstorable = das kann auf keinem Server stehen: { $detail }
admin-skip-damaged = der Eintrag ist in der Datenbank beschädigt: { $detail }
admin-skip-log-missing =
    { $count ->
        [one] die Datei hat { $count } Seite mehr als die Datenbank: Ihr Log (Kosync-log.db neben Kosync.db) wurde nicht mitkopiert, und die neuesten Positionen fehlen
       *[other] die Datei hat { $count } Seiten mehr als die Datenbank: Ihr Log (Kosync-log.db neben Kosync.db) wurde nicht mitkopiert, und die neuesten Positionen fehlen
    }
admin-skip-not-indexed = der Index der Konten enthält es nicht
admin-skip-not-listed =
    { $count ->
        [one] nur der erste steht hier
       *[other] nur die ersten { $count } stehen hier
    }
admin-source-empty = die Datei ist leer
admin-source-cut-off = die Datei ist abgeschnitten: Ihre letzte Zeile fehlt
admin-source-at-line = Zeile { $number }: { $reason }
admin-source-newer = dieser Export ist von einer neueren Version von kosync (Format { $format }); aktualisiere zuerst diesen Server
admin-source-no-export = das ist kein Export von kosync
admin-source-another-export = hier beginnt ein weiterer Export: Importiere einen nach dem anderen
admin-source-other-count =
    { $count ->
        [one] es gibt { $count } Eintrag, die letzte Zeile zählt aber andere: Der Export ist unvollständig
       *[other] es gibt { $count } Einträge, die letzte Zeile zählt aber andere: Der Export ist unvollständig
    }
admin-source-goes-on = das ist die letzte Zeile des Exports, die Datei geht aber weiter
admin-source-data-file = das ist eine Sicherung oder die Datendatei eines Servers: „kosync restore“ macht ein Datenverzeichnis daraus
admin-source-redis = das ist ein Abbild von Redis: Starte damit einen Redis und importiere dann „redis://127.0.0.1:6379/1“ mit „kosync import“
admin-source-compressed = die Datei ist komprimiert: Entpacke sie zuerst
admin-source-sqlite = das ist eine SQLite-Datenbank, wie sie kein unterstützter Server schreibt
admin-source-unknown = das ist weder ein Export von kosync noch eine Datenbank von kosync-dotnet
admin-source-no-account = das Konto { $name }, das zusammengeführt werden soll, ist nicht darin
admin-source-other = sie kann nicht gelesen werden: { $detail }
admin-database-encrypted = die Datenbank ist verschlüsselt; entferne ihr Passwort mit LiteDB und versuche es noch einmal
admin-database-too-old = die Datenbank ist von LiteDB 4; öffne sie einmal mit LiteDB 5, das sie umwandelt, und versuche es noch einmal
admin-database-version = die Datenbank hat Version { $version } des Formats von LiteDB; nur Version 8, die von LiteDB 5, wird unterstützt
admin-database-rebuild = LiteDB hat die Datenbank als beschädigt markiert; lass sie von LiteDB neu aufbauen und versuche es noch einmal
admin-database-missing-page = Seite { $page } fehlt: Die Datei ist abgeschnitten, oder ihr Log (Kosync-log.db neben Kosync.db) wurde nicht mitkopiert
admin-database-damaged = die Datenbank ist beschädigt, oder ihr Log (Kosync-log.db neben Kosync.db) wurde nicht mitkopiert: Seite { $page }: { $detail }
admin-database-damaged-log = das Log ist beschädigt oder kein Log von LiteDB: Bei Byte { $at } steht keine gültige Seite
admin-database-foreign-log = das Log gehört zu einer anderen Datenbank
admin-database-no-users = die Datenbank hat keine Sammlung „users“: Sie ist nicht von kosync-dotnet, wurde nie benutzt, oder ihr Log (Kosync-log.db neben Kosync.db) wurde nicht mitkopiert

admin-transfer-title = Import und Export
admin-import = Importieren
admin-import-switched-off = Das Hochladen ist durch <code>max_import_bytes</code> in der Konfiguration des Servers abgeschaltet.
admin-import-intro = Holt Konten, Anmeldungen und Positionen aus einem Export von kosync oder aus der <code>Kosync.db</code> von kosync-dotnet. Die nächste Seite zeigt, was geschehen würde; nichts ändert sich, bevor du es bestätigst.
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
admin-import-preview-again = Vorschau erneuern
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
admin-report-lacks-log = Neben der Datenbank liegt kein Protokoll (Kosync-log.db), was üblich ist. Liegt eines neben dem Original, stehen die neuesten Positionen nur darin: Lade es zusammen mit der Datenbank hoch.
admin-report-skipped-records = Übersprungene Einträge
admin-report-more =
    { $count ->
        [one] … und { $count } weiterer
       *[other] … und { $count } weitere
    }
admin-export = Export und Sicherung
admin-export-intro = Beide enthalten alles, samt den Passwort-Hashes aller Konten: Halte sie unter Verschluss.
admin-export-download = Export herunterladen
admin-export-about = Text, den diese Seite und <code>kosync import</code> auf jedem Rechner lesen. Ohne die Dateien der WebDAV-Ordner.
admin-backup-download = Sicherung herunterladen
admin-backup-about = Eine Kopie der Datendatei, für <code>kosync restore</code>.
admin-check = Prüfen
admin-check-intro = Liest alles und sagt, ob es stimmig ist.
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

activity-title = Warum synchronisiert es nicht?
activity-intro = Was deine Geräte abgerufen und gesendet haben und was daraus wurde, das Neueste zuerst. Der Server merkt sich die letzten 200 Anfragen, nur im Arbeitsspeicher, seit seinem Start: <time datetime="{ $datetime }" title="{ $exact }">{ $started }</time>.
activity-none = Seither hat kein Gerät etwas abgerufen oder gesendet. Öffne ein Buch in KOReader, blättere um und wähle „Übertrage jetzt den Fortschritt von diesem Gerät“. Erscheint dann hier nichts, erreicht das Gerät diesen Server nicht oder nutzt ein anderes Konto. Die Adresse des Servers ist:
activity-put-back = Zurückholen
activity-show-book = Buch anzeigen
activity-join = Das ist ein und dasselbe Buch
activity-show-other = Das andere Buch anzeigen
activity-missing-heading = Wenn hier eine Anfrage fehlt
activity-missing = Was nicht auf dieser Seite steht, hat den Server unter diesem Konto nicht erreicht: kein WLAN, eine andere Adresse oder ein anderes Konto. KOReader behält eine Position, die es nicht senden konnte, vier Wochen lang und sendet sie später.
activity-stayed-heading = Wenn ein Gerät eine Position bekam und nicht dorthin ging
activity-stayed = KOReader springt nur dann von selbst zu einer Position oder fragt danach, wenn es automatisch abruft, und nur, wenn die Position neuer ist als das letzte Umblättern auf dem Gerät. „Lade jetzt den Fortschritt von anderen Geräten“ springt ohne Rückfrage dorthin.

activity-device-unnamed = (ohne Namen)
activity-device-inferred = { $device } (der Adresse nach)
activity-device =
    { $address ->
        [none] Ein Gerät
       *[other] Ein Gerät unter { $address }
    }
activity-device-agent =
    { $address ->
        [none] Ein Gerät ({ $agent })
       *[other] Ein Gerät unter { $address } ({ $agent })
    }
activity-a-book = einem Buch

activity-pushed = { $device } hat { $percent } von { $book } gesendet.
activity-pushed-queue = { $device } hat binnen Sekunden { $count } Positionen von { $book } gesendet, wie es ein Gerät tut, das den Server vorher nicht erreichen konnte; die letzte ist { $percent }.
activity-pushed-several = { $device } hat { $since } { $count } Positionen von { $book } gesendet; die letzte ist { $percent }.
activity-effect-moved = Das wurde die aktuelle Position.
activity-effect-held-repeat = Das ist bereits die aktuelle Position, die dieses Gerät zuvor gesendet hatte.
activity-effect-repeat = Dort war es schon vorher. Ein Gerät, auf dem niemand weiterliest, verdrängt kein anderes.
activity-effect-opened = Das ist der Anfang, wie ihn ein Gerät sendet, auf dem ein Buch zum ersten Mal geöffnet wird.
activity-effect-echo = Diese Stelle hatte es von einem anderen Gerät bekommen und sich seither nicht bewegt.
activity-effect-queue = Das liegt vor der Stelle, die ein anderes Gerät schon erreicht hatte.
activity-effect-not-further = Das ist nicht weiter. Nach der Regel dieses Kontos ist die am weitesten gelesene Position die aktuelle.
activity-effect-landed-elsewhere = Die Stelle stammt aus einer anderen Datei dieses Buches und führt in dieser Datei woandershin.
activity-into-history = Die Position steht im Verlauf des Buches.
activity-started-over = Das Buch wurde neu begonnen: Es gibt keine aktuelle Position, bis ein Gerät weiterliest.
activity-still = Die aktuelle Position ist weiterhin die von { $device }, { $percent }.
activity-still-restored = Die aktuelle Position ist weiterhin die zurückgeholte, { $percent }.

activity-push-refused = { $device } hat eine Position von { $book } gesendet, die abgelehnt wurde:
activity-push-refused-unnamed = { $device } hat eine Position gesendet, die abgelehnt wurde:
activity-pull-refused = { $device } hat eine Position von { $book } abgerufen und keine Antwort bekommen:
activity-reason-number = Das Feld „{ $field }“ fehlt oder ist keine Zahl (403).
activity-reason-id = Das Feld „{ $field }“ fehlt, ist kein Text, ist leer oder enthält einen Doppelpunkt oder ungültiges UTF-8 (403).
activity-reason-list = Die Liste „{ $field }“ muss 1 bis 8 Einträge in der Form des Protokolls haben, keinen Typ zweimal und einen, dessen Wert die ID des Buches ist (403).
activity-reason-field = Das Feld „{ $field }“ fehlt oder ist kein Text (403).
activity-reason-long-field = Das Feld „{ $field }“ ist zu lang (403).
activity-reason-invalid = Die Anfrage verletzt eine Regel des Protokolls (403).
activity-reason-not-json = Der Inhalt ist kein JSON-Objekt (400).
activity-reason-too-large = Der Inhalt ist größer als { $count } Byte (413).
activity-reason-too-slow = Der Inhalt kam nicht rechtzeitig an (408).
activity-reason-busy = Der Server war überlastet (503).
activity-reason-no-space = Der Datenträger des Servers ist voll (507).
activity-reason-disk-write = Der Server konnte nicht auf seinen Datenträger schreiben (503).
activity-reason-data-directory = Das Datenverzeichnis des Servers wurde gelöscht oder ersetzt (503).
activity-reason-documents = Das Konto hat so viele Bücher, wie es haben darf (507).
activity-reason-bytes = Die Positionen des Kontos belegen so viel Platz, wie sie dürfen (507).
activity-reason-free-disk = Auf dem Datenträger des Servers ist kaum noch Platz (507).
activity-reason-failed = Auf dem Server trat ein Fehler auf (502); sein Log nennt den Grund.
activity-next-makers = Sie wird wieder abgelehnt: Sag es den Entwicklern des Leseprogramms.
activity-next-delete = Lösche einige Bücher oder bitte den Administrator um eine höhere Grenze.
activity-next-until = KOReader behält die Position und sendet sie noch einmal; bis dahin ist sie nicht gespeichert.
activity-next-again = KOReader behält die Position und sendet sie noch einmal.
activity-next-asks = Das Gerät fragt noch einmal.

activity-got = { $device } hat eine Position von { $book } abgerufen und die von { $other } bekommen: { $percent }, erreicht { $when }.
activity-got-restored = { $device } hat eine Position von { $book } abgerufen und die zurückgeholte bekommen: { $percent }, erreicht { $when }.
activity-same = { $device } hat eine Position von { $book } abgerufen und dieselbe wie zuvor bekommen, die von { $other }: { $percent }, erreicht { $when }. Seither hat kein Gerät eine neuere gesendet.
activity-same-restored = { $device } hat eine Position von { $book } abgerufen und dieselbe wie zuvor bekommen, die zurückgeholte: { $percent }, erreicht { $when }. Seither hat kein Gerät eine neuere gesendet.
activity-own = { $device } hat eine Position von { $book } abgerufen und die bekommen, die es selbst gesendet hatte: { $percent }, erreicht { $when }. KOReader meldet dann „Letzter Fortschritt stammt von diesem Gerät“.
activity-own-twin = Ein Gerät mit demselben Namen und derselben ID sendet auch von { $address }. Wenn das ein anderes Gerät ist, wurden seine Einstellungen kopiert: Gib einem der beiden eine neue ID, wie es auf der Dokumentationsseite „Troubleshooting“ steht.
activity-own-only = Kein anderes Gerät hat unter dieser ID eine neuere gesendet. Falls doch eines hätte senden sollen: Steht das auf dieser Seite, und unter derselben ID?
activity-unknown = { $device } hat eine Position von { $book } abgerufen; unter dieser ID ist keine bekannt.
activity-unknown-invalid = { $device } hat eine Position eines Buches abgerufen, dessen ID zu lang ist oder einen Doppelpunkt enthält; unter dieser ID ist keine bekannt.
activity-unknown-then = { $device } hat eine Position von { $book } abgerufen; unter dieser ID war damals keine bekannt. Inzwischen gibt es { $title }.
activity-unknown-started-over = { $device } hat eine Position von { $book } abgerufen.
activity-unknown-joined = { $device } hat eine Position von { $book } abgerufen und keine bekommen. Die Datei ist mit { $title } verbunden. Bekommt sie weiterhin keine, führen die Stellen der anderen Dateien in ihr woandershin: Lies auf dem Gerät ein paar Seiten darin, dann bekommt sie Positionen.
activity-candidate = Dein Gerät { $device } hat { $when } { $id } gesendet. Wenn beide dasselbe Buch sind, unterscheiden sich die Dateien.
activity-candidate-titled = Dein Gerät { $device } hat { $when } { $title } als { $id } gesendet. Wenn beide dasselbe Buch sind, unterscheiden sich die Dateien.
activity-no-candidate = Am Tag davor hat kein anderes Gerät eine Position eines anderen Buches gesendet.

activity-login = { $device } hat sich angemeldet.
activity-login-wrong-password =
    { $address ->
        [none] Eine Anmeldung ist fehlgeschlagen: Das Passwort war falsch (401). Wenn es ein Gerät war, melde dich dort neu an: KOReader verwirft eine Position, die so abgelehnt wird.
       *[other] Eine Anmeldung von { $address } ist fehlgeschlagen: Das Passwort war falsch (401). Wenn es ein Gerät war, melde dich dort neu an: KOReader verwirft eine Position, die so abgelehnt wird.
    }
activity-login-disabled =
    { $address ->
        [none] Eine Anmeldung ist fehlgeschlagen: Das Konto war gesperrt (401).
       *[other] Eine Anmeldung von { $address } ist fehlgeschlagen: Das Konto war gesperrt (401).
    }
activity-login-too-many =
    { $address ->
        [none] Eine Anmeldung wurde abgelehnt, ohne das Passwort zu prüfen, weil zuvor zu viele fehlgeschlagen waren (429). Suche das Gerät, auf dem noch ein altes Passwort steht.
       *[other] Eine Anmeldung von { $address } wurde abgelehnt, ohne das Passwort zu prüfen, weil zuvor zu viele fehlgeschlagen waren (429). Suche das Gerät, auf dem noch ein altes Passwort steht.
    }
activity-login-busy =
    { $address ->
        [none] Eine Anmeldung wurde abgelehnt: Der Server war überlastet (503). Geräte versuchen es noch einmal.
       *[other] Eine Anmeldung von { $address } wurde abgelehnt: Der Server war überlastet (503). Geräte versuchen es noch einmal.
    }
activity-login-other-name =
    { $address ->
        [none] Ein Programm wollte sich als { $name } anmelden, und so heißt kein Konto (401): Deines heißt { $account }. Groß- und Kleinschreibung zählt. Gib den Namen auf dem Gerät so ein, wie er hier steht.
       *[other] Ein Programm unter { $address } wollte sich als { $name } anmelden, und so heißt kein Konto (401): Deines heißt { $account }. Groß- und Kleinschreibung zählt. Gib den Namen auf dem Gerät so ein, wie er hier steht.
    }
activity-times = ({ $count }-mal { $since }.)

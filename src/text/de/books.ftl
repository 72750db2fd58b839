books-title = Meine Bücher
books-search-label = Titel, Autor, Datei oder Dokument-ID
books-search = Suchen
books-refine = Sortieren und filtern
books-sort = Sortieren nach
books-sort-last = Zuletzt gelesen
books-sort-title = Titel
books-sort-author = Autor
books-sort-progress = Fortschritt
books-device = Gelesen auf
books-all = Alle
books-only-unnamed = Nur Bücher ohne Namen
books-show = Anzeigen
books-count-last =
    { $count ->
        [one] { $count } Buch, zuletzt gelesene zuerst
       *[other] { $count } Bücher, zuletzt gelesene zuerst
    }
books-count-title =
    { $count ->
        [one] { $count } Buch, nach Titel
       *[other] { $count } Bücher, nach Titel
    }
books-count-author =
    { $count ->
        [one] { $count } Buch, nach Autor
       *[other] { $count } Bücher, nach Autor
    }
books-count-progress =
    { $count ->
        [one] { $count } Buch, am weitesten gelesene zuerst
       *[other] { $count } Bücher, am weitesten gelesene zuerst
    }
books-found =
    { $count ->
        [one] { $count } Buch gefunden
       *[other] { $count } Bücher gefunden
    }
books-show-all = Alle anzeigen
books-more-than-listed = Die ersten { $count } sind aufgelistet. Suche oder filtere, um die anderen zu finden.
books-hidden-link =
    { $count ->
        [one] { $count } Buch ist ausgeblendet: anzeigen
       *[other] { $count } Bücher sind ausgeblendet: anzeigen
    }
books-unnamed-link =
    { $count ->
        [one] { $count } Buch hat keinen Namen: benennen
       *[other] { $count } Bücher haben keinen Namen: benennen
    }
books-progress = Fortschritt
books-statistics-row = aus der Statistik, ohne Position
books-time-read = { $time } gelesen
books-pages = Seiten dieser Liste
books-page = Seite { $page }
books-page-of = Seite { $page } von { $count }
books-first = Erste
books-previous = ← Zurück
books-next = Weiter →
books-rename = Umbenennen
books-name-label = Dein Name für dieses Buch
books-name-about = Lass das Feld leer, um den Titel zu verwenden, den dein Gerät sendet.
books-save-name = Namen speichern
books-name-too-long = Der Name wurde nicht gespeichert: Er ist länger als { $limit } Byte. Kürze ihn.
books-name-control = Der Name wurde nicht gespeichert: Er enthält Steuerzeichen, etwa einen Zeilenumbruch. Entferne sie.
books-started-over = Dieses Buch wurde neu begonnen. Es hat keine aktuelle Position, bis ein Gerät weiterliest; es an der alten Stelle zu öffnen zählt nicht.
books-plot = Lesefortschritt
books-plot-label = Lesefortschritt im Lauf der Zeit, in Prozent. Die Positionen stehen in der Liste darunter.
books-plot-devices = Geräte
books-plot-more = { $count } weitere
books-point = { $time }: { $percent }, { $device }
books-history = Verlauf
books-history-about = Um zu einer früheren Position zurückzukehren, wähle „Zurückholen“. Sie wird zur aktuellen Position.
books-history-koreader = KOReader springt dorthin oder fragt, wenn es das nächste Mal automatisch abruft, es sei denn, du hast auf dem Gerät inzwischen umgeblättert. „Lade jetzt den Fortschritt von anderen Geräten“ springt ohne Rückfrage dorthin.
books-why-no-sync = Warum synchronisiert es nicht?
books-put-back = Zurückholen
books-put-back-label = Position { $percent } vom { $time } zurückholen
books-current = Aktuell
books-pushes =
    { $count ->
        [one] { $count }-mal gesendet
       *[other] { $count }-mal gesendet
    }
books-earlier-positions =
    { $count ->
        [one] { $count } frühere Position
       *[other] { $count } frühere Positionen
    }
books-all-positions = Alle { $count } Positionen
books-kept =
    { $count ->
        [one] { $count } Position aufbewahrt: alle der letzten 48 Stunden, davor von jedem Gerät die letzte eines Tages.
       *[other] { $count } Positionen aufbewahrt: alle der letzten 48 Stunden, davor von jedem Gerät die letzte eines Tages.
    }
books-history-title = Verlauf von { $title }
books-history-heading = Verlauf von <a href="{ $link }"><bdi>{ $title }</bdi></a>
books-start-over = Neu beginnen
books-start-over-about = Beginnt das Buch von vorn: Es hat keine aktuelle Position, bis ein Gerät weiterliest. Der Verlauf bleibt.
books-files = Dateien
books-files-none = Ist dies dasselbe Buch wie ein anderes: konvertiert, neu gespeichert oder anderswo gekauft? Verbunden teilen sie sich eine Position und einen Verlauf.
books-files-some = Dieses Buch hat weitere Dateien, die sich Position und Verlauf teilen. Trenne eine, um ihr ihren eigenen Verlauf zurückzugeben.
books-not-pushed = noch nicht gesendet
books-part = Trennen
books-part-label = { $title } trennen
books-may-be-same = Vielleicht dasselbe Buch wie
books-same-as = Das ist dasselbe Buch wie …
books-document = Dokument
books-file = Datei
books-id = ID
books-delete-link = Position und Verlauf löschen …
books-reason-title = gleicher Titel und gleiche Autoren
books-reason-filename = gleicher Dateiname
books-reason-matching = seine ID ist die des Dateinamens dieses Buchs oder umgekehrt
books-reason-identifier = ein Gerät hat beide IDs als ein Buch gemeldet
books-reason-asked = ein Gerät hat nach dieser ID gefragt, und keines hat sie gesendet
books-same-book = Dasselbe Buch
books-same-book-label = Dasselbe Buch: { $title }
books-this-one = Dieses
books-this-one-label = Dieses: { $title }
books-join-title = Dasselbe Buch wie …
books-join-about = Welches andere Buch ist <a href="{ $link }"><bdi>{ $title }</bdi></a> in einer anderen Datei: konvertiert, neu gespeichert oder anderswo gekauft? Beide teilen sich dann eine Position und einen Verlauf. Du kannst sie wieder trennen.
books-suggestions = Vorschläge
books-all-others = Alle anderen Bücher
books-join-missing = Das andere Buch fehlt. Lade die Seite des Buchs neu und wähle eines.
books-join-too-many = Ein Buch hat höchstens { $max } Dateien. Trenne eine davon, bevor du eine weitere verbindest.
books-join-same = Das ist das Buch selbst. Wähle ein anderes.
books-join-not-joined = Diese Dateien sind nicht mehr verbunden. Lade die Seite des Buchs neu.
books-position-gone = Diese Position ist nicht mehr im Verlauf. Lade die Seite des Buchs neu und wähle eine andere.
books-no-such-position = Diese Position gibt es nicht. Lade die Seite des Buchs neu und wähle eine aus seinem Verlauf.
books-statistics-about = Aus der Statistik von KOReader. Kein Gerät hat eine Position dieses Buchs gesendet.
books-statistics-about-id = Aus der Statistik von KOReader. Kein Gerät hat eine Position dieses Buchs gesendet, oder es wird unter einer anderen Dokument-ID gesendet, weil „Verfahren zum Abgleich von Dokumenten“ auf „Dateiname“ steht.
books-unnamed-title = Bücher ohne Namen
books-unnamed-about = Zu diesen hat kein Gerät einen Titel oder Dateinamen gesendet. Trage die Namen ein, die du kennst, und speichere alle auf einmal. Ein leeres Feld ändert nichts.
books-unnamed-none = Jedes Buch hat einen Namen.
books-unnamed-label = Name des Buchs bei { $percent }, zuletzt gelesen { $time }
books-unnamed-save = Namen speichern
books-unnamed-saved =
    { $count ->
        [one] { $count } Name wurde gespeichert.
       *[other] { $count } Namen wurden gespeichert.
    }
books-name-no-room = Der Name wurde nicht gespeichert: Der Platz deines Kontos ist aufgebraucht. Lösche zuerst einige Bücher.
books-name-no-book = Der Name wurde nicht gespeichert: Das Buch wurde inzwischen gelöscht.
books-delete-title = Buch löschen
books-delete-heading = Dieses Buch löschen?
books-delete-others = Das Buch hat weitere Dateien, die ihre eigenen behalten. Dies löscht nur die Datei mit der ID <span class="id"><bdi>{ $document }</bdi></span>.
books-delete = Löschen
books-cancel = Abbrechen
books-delete-goes = Was gelöscht wird
books-delete-goes-positions =
    { $count ->
        [one] Die aktuelle Position und { $count } Position des Verlaufs
       *[other] Die aktuelle Position und { $count } Positionen des Verlaufs
    }
books-delete-goes-name = Sein Titel und sein Name hier und sein Platz in deinen Regalen
books-delete-stays = Was bleibt
books-delete-stays-days =
    { $count ->
        [one] { $count } Tag, an dem du darin gelesen hast, in deinem Kalender
       *[other] { $count } Tage, an denen du darin gelesen hast, in deinem Kalender
    }
books-delete-stays-finished =
    { $count ->
        [one] Dass du ein Buch beendet hast, in deinen Zahlen
       *[other] Dass du es { $count }-mal beendet hast, in deinen Zahlen
    }
books-delete-stays-device = Das Buch auf deinen Geräten; sendet eines davon wieder seine Position, beginnt ein neuer Verlauf
books-delete-stays-files = Lesezeiten und Markierungen, die aus den Dateien deiner Geräte stammen
books-sort-finished = Beendet
books-count-finished =
    { $count ->
        [one] { $count } Buch, zuletzt beendete zuerst
       *[other] { $count } Bücher, zuletzt beendete zuerst
    }
books-shelf = Regal
books-shelf-reading = Lese ich gerade
books-shelf-aside = Weggelegt
books-shelf-finished = Beendet
books-shelf-hidden = Ausgeblendet
books-finished-times =
    { $count ->
        [one] beendet am { $date }
       *[other] { $count }-mal beendet, zuletzt am { $date }
    }
books-move-reading = Zu „Lese ich gerade“
books-move-aside = Weglegen
books-move-finished = Als beendet markieren
books-not-finished = Doch nicht beendet ({ $date })
books-move-auto = Den Positionen überlassen
books-finished-on = Beendet am
books-hide = In Listen ausblenden
books-unhide = In Listen anzeigen
books-no-date = Gib den Tag an, an dem du das Buch beendet hast, spätestens heute, etwa 2026-11-26.

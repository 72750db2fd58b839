overview-title = Übersicht

overview-counted = Bücher, Tage und Anteile sind aus den Positionen gezählt, die deine Geräte senden. Dein Tag endet um { $hour } Uhr ({ $zone }).
overview-times = Die Zeiten und Tage ohne Position stammen aus der Statistik von KOReader, zuletzt hochgeladen: { $time }.
overview-times-by = Die Zeiten und Tage ohne Position stammen aus der Statistik von KOReader, zuletzt hochgeladen: { $time }, von { $by }.
overview-unread = „{ $file }“ (zuletzt hochgeladen: { $time }) lässt sich nicht lesen: { $reason }. Die Zeiten sind die des letzten Uploads, der sich lesen ließ.
overview-unread-first = „{ $file }“ (zuletzt hochgeladen: { $time }) lässt sich nicht lesen: { $reason }. Darum gibt es noch keine Lesezeiten.

overview-finished-in = { $year } beendet
overview-worth-read = { $books ->
    [one] und dem Umfang nach { $books } Buch gelesen
   *[other] und dem Umfang nach { $books } Bücher gelesen
}
overview-reading-now = Lese ich gerade
overview-reading-now-about = { $days ->
    [one] im letzten Tag geöffnet
   *[other] in den letzten { $days } Tagen geöffnet
}
overview-days-in-a-row = Tage in Folge
overview-weeks-in-a-row = Wochen in Folge
overview-longest = längste Serie: { $count }
overview-longest-in = Meiste Tage in Folge
overview-days-read = Lesetage { $year }
overview-days-so-far = { $days ->
    [one] von bisher { $days } Tag
   *[other] von bisher { $days } Tagen
}
overview-days-of = von { $days } Tagen
overview-time-read = Lesezeit { $year }
overview-time-in-all = heute { $today }, insgesamt { $all }

overview-go-on = Weiterlesen
overview-go-on-source = { $days ->
    [one] Bücher, die du im letzten Tag geöffnet hast; das Tempo ist das der letzten zwei Wochen.
   *[other] Bücher, die du in den letzten { $days } Tagen geöffnet hast; das Tempo ist das der letzten zwei Wochen.
}
overview-all-books = Alle Bücher
overview-progress = Fortschritt
overview-done-around = bei diesem Tempo fertig um den { $date }

overview-calendar = Dein Jahr, Tag für Tag
overview-calendar-summary = { $days ->
    [one] In den letzten zwölf Monaten hast du an { $days } Tag gelesen.
   *[other] In den letzten zwölf Monaten hast du an { $days } Tagen gelesen.
}
overview-calendar-summary-year = { $days ->
    [one] { $year } hast du an { $days } Tag gelesen.
   *[other] { $year } hast du an { $days } Tagen gelesen.
}
overview-calendar-about = Jedes Kästchen ist ein Tag, jede Zeile eine Woche ab Montag. Je kräftiger es ist, desto mehr von einem Buch wurde an dem Tag gelesen.
overview-calendar-shades = Die Stufen wechseln bei { $first }, { $second } und { $third } eines Buches.
overview-calendar-links = Unter einem Monat stehen die Lesetage und wie viel du gelesen hast, in Büchern gerechnet; ein Tag oder sein Monat führt zu dem, was du gelesen hast.
overview-of-a-book = { $percent } eines Buches
overview-day-label = { $date }: { $amount }
overview-days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}
overview-books = { $count ->
    [one] { $count } Buch
   *[other] { $count } Bücher
}

overview-finished-by-month = Beendet nach Monat
overview-finished-source = Ein Buch zählt einmal im Monat und einmal im Jahr: an dem Tag, an dem es { $percent } erreicht hat oder an dem du es selbst als beendet eingetragen hast. Auch ausgeblendete und gelöschte Bücher zählen.
overview-goal-state = { $goal ->
    [one] { $finished } von { $goal } Buch
   *[other] { $finished } von { $goal } Büchern
}
overview-goal-ahead = { $count ->
    [one] { $count } Buch vor dem gleichmäßigen Tempo
   *[other] { $count } Bücher vor dem gleichmäßigen Tempo
}
overview-goal-behind = { $count ->
    [one] { $count } Buch hinter dem gleichmäßigen Tempo
   *[other] { $count } Bücher hinter dem gleichmäßigen Tempo
}
overview-goal-on-pace = genau im Plan
overview-goal-reached = dein Ziel ist erreicht
overview-goal-label = Bücher, die du im Jahr beenden willst
overview-goal-set = Jahresziel setzen
overview-goal-change = Jahresziel ändern
overview-goal-about = Es gilt für jedes Kalenderjahr. Lass das Feld leer, wenn du keines willst.
overview-goal-save = Ziel speichern
overview-goal-invalid = Das Ziel wurde nicht gespeichert. Gib eine ganze Zahl von 1 bis { $max } ein, oder nichts, wenn du kein Ziel willst.

overview-devices = Worauf du liest
overview-devices-rest = Andere Geräte und gelöschte Bücher
overview-devices-source = Anteil jedes Geräts am Fortschritt des Jahres { $year }.

overview-wall = { $year } beendet
overview-wall-more = { $count ->
    [one] und { $count } weiteres
   *[other] und { $count } weitere
}
overview-book-by = { $title } von { $authors }
overview-wall-others = { $count ->
    [one] { $count } weiteres zählt, das hier nicht zu sehen ist: Du hast es ausgeblendet oder inzwischen gelöscht.
   *[other] { $count } weitere zählen, die hier nicht zu sehen sind: Du hast sie ausgeblendet oder inzwischen gelöscht.
}
overview-read-days = { $count ->
    [one] an { $count } Tag gelesen
   *[other] an { $count } Tagen gelesen
}
overview-read-times = { $count ->
    [one] { $count }-mal gelesen
   *[other] { $count }-mal gelesen
}
overview-years = Dein Jahr, zum Zurückschauen, Drucken und Teilen:

overview-year-title = Dein Jahr { $year }
overview-year-picture = Bild zum Drucken oder Teilen
overview-year-picture-about = Eine SVG-Datei, auf der der Name deines Kontos steht.

overview-day-nothing = An diesem Tag wurde nichts gelesen, soweit deine Geräte es gemeldet haben.
overview-day-to-come = Dieser Tag kommt erst noch.
overview-from-to = von { $from } bis { $to }
overview-other-books = Der Rest entfällt auf Bücher, die du ausgeblendet hast oder die inzwischen gelöscht sind.
overview-days-nav = Tage
overview-months-nav = Monate
overview-month-title = { $month } { $year }
overview-month-nothing = In diesem Monat wurde nichts gelesen, soweit deine Geräte es gemeldet haben.

overview-poster-heading = Ein Lesejahr
overview-poster-finished = { $count ->
    [one] Buch beendet
   *[other] Bücher beendet
}
overview-poster-days = { $count ->
    [one] Lesetag
   *[other] Lesetage
}
overview-poster-streak = { $count ->
    [one] Tag in Folge
   *[other] Tage in Folge
}
overview-poster-worth = { $count ->
    [one] Buch gelesen, dem Umfang nach
   *[other] Bücher gelesen, dem Umfang nach
}
overview-poster-time = Lesezeit
overview-poster-source = Gezählt aus den Positionen, die Lesegeräte an kosync gesendet haben. Ein Buch ist bei { $percent } beendet; die Zahl neben einem Monat ist die der beendeten Bücher.
overview-poster-description = Beendete Bücher: { $finished }. Lesetage: { $days }. Ein Kalender mit einer Farbstufe für jeden Tag und die Einbände der beendeten Bücher.

overview-title = Overzicht

overview-counted = Boeken, dagen en aandelen zijn geteld uit de posities die je apparaten versturen. Je dag eindigt om { $hour } uur ({ $zone }).
overview-times = De tijden, en dagen zonder positie, komen uit de statistieken van KOReader, laatst geüpload: { $time }.
overview-times-by = De tijden, en dagen zonder positie, komen uit de statistieken van KOReader, laatst geüpload: { $time }, door { $by }.
overview-unread = ‘{ $file }’ (laatst geüpload: { $time }) kan niet worden gelezen: { $reason }. De tijden zijn die van de laatste upload die gelezen kon worden.
overview-unread-first = ‘{ $file }’ (laatst geüpload: { $time }) kan niet worden gelezen: { $reason }. Daarom zijn er nog geen leestijden.

overview-finished-in = Uitgelezen in { $year }
overview-worth-read = { $books ->
    [one] en in omvang { $books } boek gelezen
   *[other] en in omvang { $books } boeken gelezen
}
overview-reading-now = Nu aan het lezen
overview-reading-now-about = { $days ->
    [one] geopend in de laatste dag
   *[other] geopend in de laatste { $days } dagen
}
overview-days-in-a-row = Dagen op rij
overview-weeks-in-a-row = Weken op rij
overview-longest = langste reeks: { $count }
overview-longest-in = Meeste dagen op rij
overview-days-read = Leesdagen in { $year }
overview-days-so-far = { $days ->
    [one] van { $days } dag tot nu toe
   *[other] van { $days } dagen tot nu toe
}
overview-days-of = van { $days } dagen
overview-time-read = Leestijd in { $year }
overview-time-in-all = vandaag { $today }, in totaal { $all }

overview-go-on = Lees verder
overview-go-on-source = { $days ->
    [one] Boeken die je in de laatste dag hebt geopend; het tempo is dat van de laatste twee weken.
   *[other] Boeken die je in de laatste { $days } dagen hebt geopend; het tempo is dat van de laatste twee weken.
}
overview-all-books = Alle boeken
overview-progress = Voortgang
overview-done-around = in dit tempo uitgelezen rond { $date }

overview-calendar = Je jaar, dag voor dag
overview-calendar-summary = { $days ->
    [one] Je las op { $days } dag in de laatste twaalf maanden.
   *[other] Je las op { $days } dagen in de laatste twaalf maanden.
}
overview-calendar-summary-year = { $days ->
    [one] Je las op { $days } dag in { $year }.
   *[other] Je las op { $days } dagen in { $year }.
}
overview-calendar-about = Elk vakje is een dag, elke rij een week die op maandag begint. Hoe sterker de tint, hoe meer van een boek er die dag is gelezen.
overview-calendar-shades = De tinten wisselen bij { $first }, { $second } en { $third } van een boek.
overview-calendar-links = Onder een maand staan de leesdagen en hoeveel je las, gerekend in boeken; een dag, of de maand, leidt naar wat je hebt gelezen.
overview-of-a-book = { $percent } van een boek
overview-day-label = { $date }: { $amount }
overview-days = { $count ->
    [one] { $count } dag
   *[other] { $count } dagen
}
overview-books = { $count ->
    [one] { $count } boek
   *[other] { $count } boeken
}

overview-finished-by-month = Uitgelezen per maand
overview-finished-source = Een boek telt één keer per maand en één keer per jaar: op de dag waarop het { $percent } bereikte, of waarop je het volgens jou uitlas. Verborgen en verwijderde boeken tellen ook mee.
overview-goal-state = { $goal ->
    [one] { $finished } van { $goal } boek
   *[other] { $finished } van { $goal } boeken
}
overview-goal-ahead = { $count ->
    [one] { $count } boek voor op een gelijkmatig tempo
   *[other] { $count } boeken voor op een gelijkmatig tempo
}
overview-goal-behind = { $count ->
    [one] { $count } boek achter op een gelijkmatig tempo
   *[other] { $count } boeken achter op een gelijkmatig tempo
}
overview-goal-on-pace = precies op schema
overview-goal-reached = je doel is bereikt
overview-goal-label = Boeken die je in een jaar wilt uitlezen
overview-goal-set = Een jaardoel instellen
overview-goal-change = Jaardoel wijzigen
overview-goal-about = Het geldt voor elk kalenderjaar. Laat het leeg als je er geen wilt.
overview-goal-save = Doel opslaan
overview-goal-invalid = Het doel is niet opgeslagen. Vul een heel aantal boeken van 1 tot { $max } in, of niets als je geen doel wilt.

overview-devices = Waarop je leest
overview-devices-rest = Andere apparaten en verwijderde boeken
overview-devices-source = Aandeel van elk apparaat in de voortgang van { $year }.

overview-wall = Uitgelezen in { $year }
overview-wall-more = { $count ->
    [one] en nog { $count }
   *[other] en nog { $count }
}
overview-book-by = { $title } van { $authors }
overview-wall-others = { $count ->
    [one] Er telt nog { $count } mee dat hier niet staat: je hebt het verborgen, of sindsdien verwijderd.
   *[other] Er tellen er nog { $count } mee die hier niet staan: je hebt ze verborgen, of sindsdien verwijderd.
}
overview-read-days = { $count ->
    [one] in { $count } dag gelezen
   *[other] in { $count } dagen gelezen
}
overview-read-times = { $count ->
    [one] { $count } keer gelezen
   *[other] { $count } keer gelezen
}
overview-years = Je jaar, om terug te kijken, af te drukken en te delen:

overview-year-title = Je jaar { $year }
overview-year-picture = Afbeelding om af te drukken of te delen
overview-year-picture-about = Eén SVG-bestand, met de naam van je account erop.

overview-day-nothing = Op deze dag is niets gelezen, voor zover je apparaten hebben gemeld.
overview-day-to-come = Deze dag moet nog komen.
overview-from-to = van { $from } tot { $to }
overview-other-books = De rest is gelezen in boeken die je hebt verborgen of die sindsdien zijn verwijderd.
overview-days-nav = Dagen
overview-months-nav = Maanden
overview-month-title = { $month } { $year }
overview-month-nothing = In deze maand is niets gelezen, voor zover je apparaten hebben gemeld.

overview-poster-heading = Een jaar lezen
overview-poster-finished = { $count ->
    [one] boek uitgelezen
   *[other] boeken uitgelezen
}
overview-poster-days = { $count ->
    [one] leesdag
   *[other] leesdagen
}
overview-poster-streak = { $count ->
    [one] dag op rij
   *[other] dagen op rij
}
overview-poster-worth = { $count ->
    [one] boek gelezen, in omvang
   *[other] boeken gelezen, in omvang
}
overview-poster-time = gelezen
overview-poster-source = Geteld uit de posities die leesapparaten naar kosync stuurden. Een boek is uitgelezen bij { $percent }; het getal naast een maand is dat van de uitgelezen boeken.
overview-poster-description = Uitgelezen boeken: { $finished }. Leesdagen: { $days }. Een kalender met een tint voor elke dag, en de omslagen van de uitgelezen boeken.

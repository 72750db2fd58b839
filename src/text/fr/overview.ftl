overview-title = Accueil

overview-counted = Les livres, les jours et les parts sont comptés d’après les positions envoyées par vos appareils. Votre journée se termine à { $hour } ({ $zone }).
overview-times = Les temps, et les jours sans position, viennent des statistiques de KOReader, envoyées pour la dernière fois : { $time }.
overview-times-by = Les temps, et les jours sans position, viennent des statistiques de KOReader, envoyées pour la dernière fois : { $time }, par { $by }.
overview-unread = « { $file } » (dernier envoi : { $time }) ne peut pas être lu : { $reason }. Les temps sont ceux du dernier envoi qui a pu être lu.
overview-unread-first = « { $file } » (dernier envoi : { $time }) ne peut pas être lu : { $reason }. Il n’y a donc pas encore de temps de lecture.

overview-finished-in = Terminés en { $year }
overview-worth-read = { $books ->
    [one] et l’équivalent de { $books } livre lu
   *[other] et l’équivalent de { $books } livres lus
}
overview-reading-now = En cours de lecture
overview-reading-now-about = { $days ->
    [one] ouverts au cours du dernier jour
   *[other] ouverts au cours des { $days } derniers jours
}
overview-days-in-a-row = Jours d’affilée
overview-weeks-in-a-row = Semaines d’affilée
overview-longest = plus longue série : { $count }
overview-longest-in = Plus longue série de jours
overview-days-read = Jours de lecture en { $year }
overview-days-so-far = { $days ->
    [one] sur { $days } jour écoulé
   *[other] sur { $days } jours écoulés
}
overview-days-of = sur { $days } jours
overview-time-read = Temps de lecture en { $year }
overview-time-in-all = { $today } aujourd’hui, { $all } en tout

overview-go-on = Reprendre la lecture
overview-go-on-source = { $days ->
    [one] Livres ouverts au cours du dernier jour ; le rythme est celui des deux dernières semaines.
   *[other] Livres ouverts au cours des { $days } derniers jours ; le rythme est celui des deux dernières semaines.
}
overview-all-books = Tous les livres
overview-progress = Progression
overview-done-around = à ce rythme, terminé vers le { $date }

overview-calendar = Votre année, jour après jour
overview-calendar-summary = { $days ->
    [one] Vous avez lu { $days } jour au cours des douze derniers mois.
   *[other] Vous avez lu { $days } jours au cours des douze derniers mois.
}
overview-calendar-summary-year = { $days ->
    [one] Vous avez lu { $days } jour en { $year }.
   *[other] Vous avez lu { $days } jours en { $year }.
}
overview-calendar-about = Chaque carré est un jour, chaque ligne une semaine qui commence le lundi. Plus sa teinte est soutenue, plus la part d’un livre lue ce jour-là est grande.
overview-calendar-shades = Les teintes changent à { $first }, { $second } et { $third } d’un livre.
overview-calendar-links = Sous chaque mois figurent les jours de lecture et la quantité lue, comptée en livres ; un jour, ou son mois, mène à ce que vous avez lu.
overview-of-a-book = { $percent } d’un livre
overview-day-label = { $date } : { $amount }
overview-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
overview-books = { $count ->
    [one] { $count } livre
   *[other] { $count } livres
}

overview-finished-by-month = Terminés par mois
overview-finished-source = Un livre compte une fois par mois et une fois par an : le jour où il a atteint { $percent }, ou celui où vous avez dit l’avoir terminé. Les livres masqués et supprimés comptent aussi.
overview-goal-state = { $goal ->
    [one] { $finished } livre sur { $goal }
   *[other] { $finished } livres sur { $goal }
}
overview-goal-ahead = { $count ->
    [one] { $count } livre d’avance sur un rythme régulier
   *[other] { $count } livres d’avance sur un rythme régulier
}
overview-goal-behind = { $count ->
    [one] { $count } livre de retard sur un rythme régulier
   *[other] { $count } livres de retard sur un rythme régulier
}
overview-goal-on-pace = au bon rythme
overview-goal-reached = votre objectif est atteint
overview-goal-label = Livres à terminer dans l’année
overview-goal-set = Fixer un objectif pour l’année
overview-goal-change = Modifier l’objectif
overview-goal-about = Il s’applique à chaque année civile. Laissez le champ vide pour n’en avoir aucun.
overview-goal-save = Enregistrer l’objectif
overview-goal-invalid = L’objectif n’a pas été enregistré. Saisissez un nombre entier de livres de 1 à { $max }, ou rien pour n’avoir aucun objectif.

overview-devices = Sur quoi vous lisez
overview-devices-rest = Autres appareils et livres supprimés
overview-devices-source = Part de chaque appareil dans la progression de { $year }.

overview-wall = Terminés en { $year }
overview-wall-more = { $count ->
    [one] et { $count } autre
   *[other] et { $count } autres
}
overview-book-by = { $title }, de { $authors }
overview-wall-others = { $count ->
    [one] { $count } autre compte, qui n’apparaît pas ici : vous l’avez masqué, ou supprimé depuis.
   *[other] { $count } autres comptent, qui n’apparaissent pas ici : vous les avez masqués, ou supprimés depuis.
}
overview-read-days = { $count ->
    [one] lu en { $count } jour
   *[other] lu en { $count } jours
}
overview-read-times = { $count ->
    [one] lu { $count } fois
   *[other] lu { $count } fois
}
overview-years = Votre année, à revoir, à imprimer et à partager :

overview-year-title = Votre année { $year }
overview-year-picture = Image à imprimer ou à partager
overview-year-picture-about = Un fichier SVG, où figure le nom de votre compte.

overview-day-nothing = Rien n’a été lu ce jour-là, d’après ce que vos appareils ont envoyé.
overview-day-to-come = Ce jour n’est pas encore venu.
overview-from-to = de { $from } à { $to }
overview-other-books = Le reste a été lu dans des livres que vous avez masqués ou qui ont été supprimés depuis.
overview-days-nav = Jours
overview-months-nav = Mois
overview-month-title = { $month } { $year }
overview-month-nothing = Rien n’a été lu ce mois-là, d’après ce que vos appareils ont envoyé.

overview-poster-heading = Une année de lecture
overview-poster-finished = { $count ->
    [one] livre terminé
   *[other] livres terminés
}
overview-poster-days = { $count ->
    [one] jour de lecture
   *[other] jours de lecture
}
overview-poster-streak = { $count ->
    [one] jour d’affilée
   *[other] jours d’affilée
}
overview-poster-worth = { $count ->
    [one] livre lu, en volume
   *[other] livres lus, en volume
}
overview-poster-time = de lecture
overview-poster-source = Compté d’après les positions envoyées par les liseuses à kosync. Un livre est terminé à { $percent } ; le nombre à côté d’un mois est celui des livres terminés.
overview-poster-description = Livres terminés : { $finished }. Jours de lecture : { $days }. Un calendrier avec une teinte pour chaque jour, et les couvertures des livres terminés.

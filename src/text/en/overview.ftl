overview-title = Overview

overview-counted = Books, days and shares are counted from the positions that your devices push. Your day ends at { $hour } ({ $zone }).
overview-times = Times, and days without a position, are from KOReader’s statistics, last uploaded { $time }.
overview-times-by = Times, and days without a position, are from KOReader’s statistics, last uploaded { $time } by { $by }.
overview-unread = “{ $file }”, last uploaded { $time }, cannot be read: { $reason }. The times are those of the last upload that could be read.
overview-unread-first = “{ $file }”, last uploaded { $time }, cannot be read: { $reason }. So there are no reading times yet.

overview-finished-in = Finished in { $year }
overview-worth-read = { $books ->
    [one] and { $books } book’s worth read
   *[other] and { $books } books’ worth read
}
overview-reading-now = Reading now
overview-reading-now-about = { $days ->
    [one] opened in the last { $days } day
   *[other] opened in the last { $days } days
}
overview-days-in-a-row = Days in a row
overview-weeks-in-a-row = Weeks in a row
overview-longest = longest run: { $count }
overview-longest-in = Longest run of days
overview-days-read = Days read in { $year }
overview-days-so-far = { $days ->
    [one] of { $days } day so far
   *[other] of { $days } days so far
}
overview-days-of = of { $days } days
overview-time-read = Time read in { $year }
overview-time-in-all = { $today } today, { $all } in all

overview-go-on = Go on reading
overview-go-on-source = { $days ->
    [one] Books that you opened in the last { $days } day; the pace is that of the last two weeks.
   *[other] Books that you opened in the last { $days } days; the pace is that of the last two weeks.
}
overview-all-books = All books
overview-progress = Progress
overview-done-around = at this pace done around { $date }

overview-calendar = Your year, day by day
overview-calendar-summary = { $days ->
    [one] You read on { $days } day in the last twelve months.
   *[other] You read on { $days } days in the last twelve months.
}
overview-calendar-summary-year = { $days ->
    [one] You read on { $days } day in { $year }.
   *[other] You read on { $days } days in { $year }.
}
overview-calendar-about = Each square is a day, each row a week that starts on Monday. The stronger its shade, the more of a book was read that day.
overview-calendar-shades = The shades change at { $first }, { $second } and { $third } of a book.
overview-calendar-links = Below a month are the days on which you read and how many books’ worth it was; a day, or its month, leads to what you read.
overview-of-a-book = { $percent } of a book
overview-day-label = { $date }: { $amount }
overview-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
overview-books = { $count ->
    [one] { $count } book
   *[other] { $count } books
}

overview-finished-by-month = Finished by month
overview-finished-source = A book counts once a month and once a year: on the day on which it reached { $percent }, or on which you said that you finished it. Hidden and deleted books count, too.
overview-goal-state = { $goal ->
    [one] { $finished } of { $goal } book
   *[other] { $finished } of { $goal } books
}
overview-goal-ahead = { $count ->
    [one] { $count } book ahead of an even pace
   *[other] { $count } books ahead of an even pace
}
overview-goal-behind = { $count ->
    [one] { $count } book behind an even pace
   *[other] { $count } books behind an even pace
}
overview-goal-on-pace = right on pace
overview-goal-reached = your goal is reached
overview-goal-label = Books to finish in a year
overview-goal-set = Set a goal for the year
overview-goal-change = Change the goal
overview-goal-about = It applies to every calendar year. Leave it empty for none.
overview-goal-save = Save goal
overview-goal-invalid = The goal was not saved. Enter a whole number of books from 1 to { $max }, or nothing for no goal.

overview-devices = Where you read
overview-devices-rest = Other devices and deleted books
overview-devices-source = Each device’s share of the progress of { $year }.

overview-wall = Finished in { $year }
overview-wall-more = { $count ->
    [one] and { $count } more
   *[other] and { $count } more
}
overview-book-by = { $title } by { $authors }
overview-wall-others = { $count ->
    [one] { $count } more counts, but is not shown: you have hidden it, or deleted it since.
   *[other] { $count } more count, but are not shown: you have hidden them, or deleted them since.
}
overview-read-days = { $count ->
    [one] read in { $count } day
   *[other] read in { $count } days
}
overview-read-times = { $count ->
    [one] read { $count } time
   *[other] read { $count } times
}
overview-years = Your year, to look back, to print and to share:

overview-year-title = Your year { $year }
overview-year-picture = Picture to print or share
overview-year-picture-about = One SVG file, with the name of your account on it.

overview-day-nothing = Your devices reported no reading on this day.
overview-day-to-come = This day is still to come.
overview-from-to = from { $from } to { $to }
overview-other-books = The rest was read in books that you have hidden, or that were deleted since.
overview-days-nav = Days
overview-months-nav = Months
overview-month-title = { $month } { $year }
overview-month-nothing = Your devices reported no reading in this month.

overview-poster-heading = A year of reading
overview-poster-finished = { $count ->
    [one] book finished
   *[other] books finished
}
overview-poster-days = { $count ->
    [one] day read
   *[other] days read
}
overview-poster-streak = { $count ->
    [one] day in a row
   *[other] days in a row
}
overview-poster-worth = { $count ->
    [one] book’s worth read
   *[other] books’ worth read
}
overview-poster-time = of reading
overview-poster-source = Counted from the positions that reading devices sent to kosync. A book is finished at { $percent }; the number beside a month is that of its finished books.
overview-poster-description = Finished books: { $finished }. Days read: { $days }. A calendar with a shade for each day, and the covers of the finished books.

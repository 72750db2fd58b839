books-title = My books
books-search-label = Title, author, file or document ID
books-search = Search
books-refine = Sort and filter
books-sort = Sort by
books-sort-last = Last read
books-sort-title = Title
books-sort-author = Author
books-sort-progress = Progress
books-device = Read on
books-all = All
books-only-unnamed = Only books without a name
books-show = Show
books-count-last =
    { $count ->
        [one] { $count } book, most recently read first
       *[other] { $count } books, most recently read first
    }
books-count-title =
    { $count ->
        [one] { $count } book, by title
       *[other] { $count } books, by title
    }
books-count-author =
    { $count ->
        [one] { $count } book, by author
       *[other] { $count } books, by author
    }
books-count-progress =
    { $count ->
        [one] { $count } book, furthest read first
       *[other] { $count } books, furthest read first
    }
books-found =
    { $count ->
        [one] { $count } book found
       *[other] { $count } books found
    }
books-show-all = Show all
books-more-than-listed = The first { $count } are listed. Search or filter to find the others.
books-hidden-link =
    { $count ->
        [one] { $count } book is hidden: show it
       *[other] { $count } books are hidden: show them
    }
books-unnamed-link =
    { $count ->
        [one] { $count } book has no name: name it
       *[other] { $count } books have no name: name them
    }
books-progress = Progress
books-statistics-row = from statistics, without a position
books-time-read = { $time } read
books-pages = Pages of this list
books-page = Page { $page }
books-page-of = Page { $page } of { $count }
books-first = First
books-previous = ← Previous
books-next = Next →
books-rename = Rename
books-name-label = Your name for this book
books-name-about = Leave it empty to use the title that your device sends.
books-save-name = Save name
books-name-too-long = The name was not saved: it is longer than { $limit } bytes. Shorten it.
books-name-control = The name was not saved: it has control characters, such as a line break. Remove them.
books-started-over = This book was started over. It has no current position until a device reads on; opening it where it was does not count.
books-plot = Reading progress
books-plot-label = Reading progress over time, as a percentage. The positions are in the list below.
books-plot-devices = Devices
books-plot-more = { $count } more
books-point = { $time }: { $percent }, { $device }
books-history = History
books-history-about = To return to an earlier position, choose “Put back”. It becomes the current position.
books-history-koreader = KOReader goes there, or asks, when it next pulls automatically, unless you have turned a page on that device since. “Pull progress from other devices now” goes there without asking.
books-why-no-sync = Why does it not sync?
books-put-back = Put back
books-put-back-label = Put back { $percent } of { $time }
books-current = Current
books-pushes =
    { $count ->
        [one] { $count } push
       *[other] { $count } pushes
    }
books-earlier-positions =
    { $count ->
        [one] { $count } earlier position
       *[other] { $count } earlier positions
    }
books-all-positions = All { $count } positions
books-kept =
    { $count ->
        [one] { $count } position kept: all of the last 48 hours, and before that each device’s last position of a day.
       *[other] { $count } positions kept: all of the last 48 hours, and before that each device’s last position of a day.
    }
books-history-title = History of { $title }
books-history-heading = History of <a href="{ $link }"><bdi>{ $title }</bdi></a>
books-start-over = Start over
books-start-over-about = Begins the book again: it has no current position until a device reads on. The history stays.
books-files = Files
books-files-none = Is this the same book as another one: converted, re-saved, or bought elsewhere? Joined, they share one position and one history.
books-files-some = This book has other files, which share its position and its history. Part one to give it its own history back.
books-not-pushed = not pushed yet
books-part = Part
books-part-label = Part { $title }
books-may-be-same = This may be the same book as
books-same-as = This is the same book as…
books-document = Document
books-file = File
books-id = ID
books-delete-link = Delete position and history…
books-reason-title = same title and authors
books-reason-filename = same file name
books-reason-matching = its ID is that of this book’s file name, or the other way round
books-reason-identifier = a device named both IDs as one book
books-reason-asked = a device asked for this ID, and none has pushed it
books-same-book = The same book
books-same-book-label = The same book: { $title }
books-this-one = This one
books-this-one-label = This one: { $title }
books-join-title = The same book as…
books-join-about = Which other book is <a href="{ $link }"><bdi>{ $title }</bdi></a> in another file: converted, re-saved, or bought elsewhere? Both then share one position and one history. You can part them again.
books-suggestions = Suggestions
books-all-others = All other books
books-join-missing = The other book is missing. Reload the book’s page and choose one.
books-join-too-many = A book has { $max } files at most. Part one of them before you join another.
books-join-same = This is the book itself. Choose another one.
books-join-not-joined = These files are no longer joined. Reload the book’s page.
books-position-gone = This position is no longer in the history. Reload the book’s page and choose another.
books-no-such-position = There is no such position. Reload the book’s page and choose one of its history.
books-statistics-about = From KOReader’s statistics. No device has pushed a position of this book.
books-statistics-about-id = From KOReader’s statistics. No device has pushed a position of this book, or it is pushed under another document ID because “Document matching method” is set to “Filename”.
books-unnamed-title = Books without a name
books-unnamed-about = No device sent a title or a file name for these. Enter the names that you know, then save them all at once. A field that stays empty changes nothing.
books-unnamed-none = Every book has a name.
books-unnamed-label = Name of the book at { $percent }, last read { $time }
books-unnamed-save = Save names
books-unnamed-saved =
    { $count ->
        [one] { $count } name was saved.
       *[other] { $count } names were saved.
    }
books-name-no-room = The name was not saved: your account’s space is used up. Delete some books first.
books-name-no-book = The name was not saved: the book was deleted meanwhile.
books-delete-title = Delete book
books-delete-heading = Delete this book?
books-delete-others = The book has more files, which keep their own. This deletes the file with the ID <span class="id"><bdi>{ $document }</bdi></span> alone.
books-delete = Delete
books-cancel = Cancel
books-delete-goes = What is deleted
books-delete-goes-positions =
    { $count ->
        [one] Its current position, and { $count } position of its history
       *[other] Its current position, and { $count } positions of its history
    }
books-delete-goes-name = Its title and its name here, and its place on your shelves
books-delete-stays = What stays
books-delete-stays-days =
    { $count ->
        [one] { $count } day on which you read it, in your calendar
       *[other] { $count } days on which you read it, in your calendar
    }
books-delete-stays-finished =
    { $count ->
        [one] That you finished a book, in your numbers
       *[other] That you finished it { $count } times, in your numbers
    }
books-delete-stays-device = The book on your devices; if one of them pushes its position again, a new history starts
books-delete-stays-files = Reading times and highlights, which come from the files of your devices
books-sort-finished = Finished
books-count-finished =
    { $count ->
        [one] { $count } book, last finished first
       *[other] { $count } books, last finished first
    }
books-shelf = Shelf
books-shelf-reading = Reading now
books-shelf-aside = Set aside
books-shelf-finished = Finished
books-shelf-hidden = Hidden
books-finished-times =
    { $count ->
        [one] finished on { $date }
       *[other] finished { $count } times, last on { $date }
    }
books-move-reading = Move to “Reading now”
books-move-aside = Set aside
books-move-finished = Mark as finished
books-not-finished = Not finished after all ({ $date })
books-move-auto = Let its positions decide
books-finished-on = Finished on
books-hide = Hide from lists
books-unhide = Show in lists
books-no-date = Enter the day on which you finished the book, no later than today, such as 2026-11-26.

highlights-title = Highlights
highlights-of-book = Highlights in <bdi>{ $title }</bdi>
highlights-pending = Uploaded files are being read. Reload this page in a moment.
highlights-none = There are no highlights yet. KOReader uploads them to this server’s WebDAV folder: the page <a href="{ $link }">Files</a> explains how to set that up.
highlights-search = Words in the text, the note, the title or the author
highlights-found =
    { $count ->
        [one] { $count } highlight found
       *[other] { $count } highlights found
    }
highlights-page = page { $page }
highlights-color =
    { $color ->
        [red] red
        [orange] orange
        [yellow] yellow
        [green] green
        [olive] olive
        [cyan] cyan
        [blue] blue
        [purple] purple
        [gray] gray
       *[other] { $color }
    }
highlights-markdown = Download as Markdown
highlights-json = Download as JSON
highlights-source =
    { $by ->
        [none] From KOReader’s files, last uploaded { $when }.
       *[other] From KOReader’s files, last uploaded { $when } by { $by }.
    }
highlights-untitled = Without a title

highlights-title = Markierungen
highlights-of-book = Markierungen in <bdi>{ $title }</bdi>
highlights-pending = Hochgeladene Dateien werden gerade gelesen. Lade diese Seite gleich neu.
highlights-none = Es gibt noch keine Markierungen. KOReader lädt sie in den WebDAV-Ordner dieses Servers hoch: Wie du das einrichtest, steht auf der Seite <a href="{ $link }">Dateien</a>.
highlights-search = Wörter im Text, in der Notiz, im Titel oder im Autor
highlights-found =
    { $count ->
        [one] { $count } Markierung gefunden
       *[other] { $count } Markierungen gefunden
    }
highlights-page = Seite { $page }
highlights-color =
    { $color ->
        [red] rot
        [orange] orange
        [yellow] gelb
        [green] grün
        [olive] oliv
        [cyan] türkis
        [blue] blau
        [purple] lila
        [gray] grau
       *[other] { $color }
    }
highlights-markdown = Als Markdown herunterladen
highlights-json = Als JSON herunterladen
highlights-source =
    { $by ->
        [none] Aus den Dateien von KOReader, zuletzt hochgeladen { $when }.
       *[other] Aus den Dateien von KOReader, zuletzt hochgeladen { $when } von { $by }.
    }
highlights-untitled = Ohne Titel

highlights-title = Markeringen
highlights-of-book = Markeringen in <bdi>{ $title }</bdi>
highlights-pending = Geüploade bestanden worden gelezen. Laad deze pagina zo meteen opnieuw.
highlights-none = Er zijn nog geen markeringen. KOReader uploadt ze naar de WebDAV-map van deze server: op de pagina <a href="{ $link }">Bestanden</a> staat hoe je dat instelt.
highlights-search = Woorden in de tekst, de notitie, de titel of de auteur
highlights-found =
    { $count ->
        [one] { $count } markering gevonden
       *[other] { $count } markeringen gevonden
    }
highlights-page = bladzijde { $page }
highlights-color =
    { $color ->
        [red] rood
        [orange] oranje
        [yellow] geel
        [green] groen
        [olive] olijf
        [cyan] cyaan
        [blue] blauw
        [purple] paars
        [gray] grijs
       *[other] { $color }
    }
highlights-markdown = Downloaden als Markdown
highlights-json = Downloaden als JSON
highlights-source =
    { $by ->
        [none] Uit de bestanden van KOReader, voor het laatst geüpload { $when }.
       *[other] Uit de bestanden van KOReader, voor het laatst geüpload { $when } door { $by }.
    }
highlights-untitled = Zonder titel

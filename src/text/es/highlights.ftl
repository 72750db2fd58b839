highlights-title = Subrayados
highlights-of-book = Subrayados en <bdi>{ $title }</bdi>
highlights-pending = Se están leyendo archivos subidos. Recarga esta página en un momento.
highlights-none = Aún no hay subrayados. KOReader los sube a la carpeta WebDAV de este servidor: la página <a href="{ $link }">Archivos</a> explica cómo configurarlo.
highlights-search = Palabras del texto, la nota, el título o el autor
highlights-found =
    { $count ->
        [one] { $count } subrayado encontrado
       *[other] { $count } subrayados encontrados
    }
highlights-page = página { $page }
highlights-color =
    { $color ->
        [red] rojo
        [orange] naranja
        [yellow] amarillo
        [green] verde
        [olive] oliva
        [cyan] cian
        [blue] azul
        [purple] morado
        [gray] gris
       *[other] { $color }
    }
highlights-markdown = Descargar como Markdown
highlights-json = Descargar como JSON
highlights-source =
    { $by ->
        [none] De los archivos de KOReader, subidos por última vez { $when }.
       *[other] De los archivos de KOReader, subidos por última vez { $when } por { $by }.
    }
highlights-untitled = Sin título

highlights-title = Surlignages
highlights-of-book = Surlignages dans <bdi>{ $title }</bdi>
highlights-pending = Des fichiers envoyés sont en cours de lecture. Rechargez cette page dans un instant.
highlights-none = Il n’y a pas encore de surlignages. KOReader les envoie dans le dossier WebDAV de ce serveur : la page <a href="{ $link }">Fichiers</a> explique comment le configurer.
highlights-search = Mots du texte, de la note, du titre ou de l’auteur
highlights-found =
    { $count ->
        [one] { $count } surlignage trouvé
       *[other] { $count } surlignages trouvés
    }
highlights-page = page { $page }
highlights-color =
    { $color ->
        [red] rouge
        [orange] orange
        [yellow] jaune
        [green] vert
        [olive] olive
        [cyan] cyan
        [blue] bleu
        [purple] violet
        [gray] gris
       *[other] { $color }
    }
highlights-markdown = Télécharger en Markdown
highlights-json = Télécharger en JSON
highlights-source =
    { $by ->
        [none] D’après les fichiers de KOReader, envoyés pour la dernière fois { $when }.
       *[other] D’après les fichiers de KOReader, envoyés pour la dernière fois { $when } par { $by }.
    }
highlights-untitled = Sans titre

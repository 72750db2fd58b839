books-title = Mis libros
books-search-label = Título, autor, archivo o ID del documento
books-search = Buscar
books-refine = Ordenar y filtrar
books-sort = Ordenar por
books-sort-last = Última lectura
books-sort-title = Título
books-sort-author = Autor
books-sort-progress = Progreso
books-device = Leído en
books-all = Todos
books-only-unnamed = Solo libros sin nombre
books-show = Mostrar
books-count-last =
    { $count ->
        [one] { $count } libro, el último leído primero
       *[other] { $count } libros, el último leído primero
    }
books-count-title =
    { $count ->
        [one] { $count } libro, por título
       *[other] { $count } libros, por título
    }
books-count-author =
    { $count ->
        [one] { $count } libro, por autor
       *[other] { $count } libros, por autor
    }
books-count-progress =
    { $count ->
        [one] { $count } libro, el más avanzado primero
       *[other] { $count } libros, el más avanzado primero
    }
books-found =
    { $count ->
        [one] { $count } libro encontrado
       *[other] { $count } libros encontrados
    }
books-show-all = Mostrar todos
books-more-than-listed = Se muestran los primeros { $count }. Busca o filtra para encontrar los demás.
books-hidden-link =
    { $count ->
        [one] { $count } libro está oculto: mostrarlo
       *[other] { $count } libros están ocultos: mostrarlos
    }
books-unnamed-link =
    { $count ->
        [one] { $count } libro no tiene nombre: ponerle nombre
       *[other] { $count } libros no tienen nombre: ponerles nombre
    }
books-progress = Progreso
books-statistics-row = de las estadísticas, sin posición
books-time-read = { $time } de lectura
books-pages = Páginas de esta lista
books-page = Página { $page }
books-page-of = Página { $page } de { $count }
books-first = Primera
books-previous = ← Anterior
books-next = Siguiente →
books-rename = Cambiar el nombre
books-name-label = Tu nombre para este libro
books-name-about = Déjalo vacío para usar el título que envía tu dispositivo.
books-save-name = Guardar el nombre
books-name-too-long = El nombre no se guardó: tiene más de { $limit } bytes. Acórtalo.
books-name-control = El nombre no se guardó: tiene caracteres de control, como un salto de línea. Quítalos.
books-started-over = Este libro se empezó de nuevo. No tiene posición actual hasta que un dispositivo siga leyendo; abrirlo donde estaba no cuenta.
books-plot = Progreso de lectura
books-plot-label = Progreso de lectura a lo largo del tiempo, en porcentaje. La lista de abajo tiene las posiciones.
books-plot-devices = Dispositivos
books-plot-more = { $count } más
books-point = { $time }: { $percent }, { $device }
books-history = Historial
books-history-about = Para volver a una posición anterior, elige «Recuperar». Pasa a ser la posición actual.
books-history-koreader = KOReader va allí, o pregunta, la próxima vez que la pida automáticamente, salvo que hayas pasado una página en ese dispositivo desde entonces. «Importar la posición de lectura de otros dispositivos» va allí sin preguntar.
books-why-no-sync = ¿Por qué no se sincroniza?
books-put-back = Recuperar
books-put-back-label = Recuperar la posición { $percent } del { $time }
books-current = Actual
books-pushes =
    { $count ->
        [one] { $count } envío
       *[other] { $count } envíos
    }
books-earlier-positions =
    { $count ->
        [one] { $count } posición anterior
       *[other] { $count } posiciones anteriores
    }
books-all-positions = Las { $count } posiciones
books-kept =
    { $count ->
        [one] { $count } posición guardada: todas las de las últimas 48 horas y, antes, la última del día de cada dispositivo.
       *[other] { $count } posiciones guardadas: todas las de las últimas 48 horas y, antes, la última del día de cada dispositivo.
    }
books-history-title = Historial de { $title }
books-history-heading = Historial de <a href="{ $link }"><bdi>{ $title }</bdi></a>
books-start-over = Empezar de nuevo
books-start-over-about = Empieza el libro otra vez: no tiene posición actual hasta que un dispositivo siga leyendo. El historial se conserva.
books-files = Archivos
books-files-none = ¿Es el mismo libro que otro: convertido, guardado de nuevo o comprado en otro sitio? Unidos, comparten una posición y un historial.
books-files-some = Este libro tiene otros archivos, que comparten su posición y su historial. Separa uno para devolverle su propio historial.
books-not-pushed = aún no enviado
books-part = Separar
books-part-label = Separar { $title }
books-may-be-same = Puede ser el mismo libro que
books-same-as = Es el mismo libro que…
books-document = Documento
books-file = Archivo
books-id = ID
books-delete-link = Eliminar la posición y el historial…
books-reason-title = mismo título y mismos autores
books-reason-filename = mismo nombre de archivo
books-reason-matching = su ID es el del nombre de archivo de este libro, o al revés
books-reason-identifier = un dispositivo indicó que los dos ID son del mismo libro
books-reason-asked = un dispositivo pidió este ID y ninguno lo ha enviado
books-same-book = El mismo libro
books-same-book-label = El mismo libro: { $title }
books-this-one = Este
books-this-one-label = Este: { $title }
books-join-title = El mismo libro que…
books-join-about = ¿Qué otro libro es <a href="{ $link }"><bdi>{ $title }</bdi></a> en otro archivo: convertido, guardado de nuevo o comprado en otro sitio? Los dos comparten entonces una posición y un historial. Puedes separarlos de nuevo.
books-suggestions = Sugerencias
books-all-others = Todos los demás libros
books-join-missing = Falta el otro libro. Recarga la página del libro y elige uno.
books-join-too-many = Un libro tiene como máximo { $max } archivos. Separa uno antes de unir otro.
books-join-same = Es este mismo libro. Elige otro.
books-join-not-joined = Estos archivos ya no están unidos. Recarga la página del libro.
books-position-gone = Esta posición ya no está en el historial. Recarga la página del libro y elige otra.
books-no-such-position = No existe esa posición. Recarga la página del libro y elige una de su historial.
books-statistics-about = De las estadísticas de KOReader. Ningún dispositivo ha enviado una posición de este libro.
books-statistics-about-id = De las estadísticas de KOReader. Ningún dispositivo ha enviado una posición de este libro, o se envía con otro ID porque «Método de comparación de documentos» está en «Nombre de archivo».
books-unnamed-title = Libros sin nombre
books-unnamed-about = Ningún dispositivo envió un título o un nombre de archivo de estos. Escribe los nombres que conozcas y guárdalos todos a la vez. Un campo vacío no cambia nada.
books-unnamed-none = Todos los libros tienen nombre.
books-unnamed-label = Nombre del libro en { $percent }, última lectura: { $time }
books-unnamed-save = Guardar los nombres
books-unnamed-saved =
    { $count ->
        [one] { $count } nombre se guardó.
       *[other] { $count } nombres se guardaron.
    }
books-name-no-room = El nombre no se guardó: el espacio de tu cuenta está lleno. Elimina antes algunos libros.
books-name-no-book = El nombre no se guardó: el libro se eliminó entretanto.
books-delete-title = Eliminar el libro
books-delete-heading = ¿Eliminar este libro?
books-delete-others = El libro tiene otros archivos, que conservan los suyos. Esto elimina solo el archivo con el ID <span class="id"><bdi>{ $document }</bdi></span>.
books-delete = Eliminar
books-cancel = Cancelar
books-delete-goes = Qué se elimina
books-delete-goes-positions =
    { $count ->
        [one] Su posición actual y { $count } posición de su historial
       *[other] Su posición actual y { $count } posiciones de su historial
    }
books-delete-goes-name = Su título y su nombre aquí, y su lugar en tus estanterías
books-delete-stays = Qué se conserva
books-delete-stays-days =
    { $count ->
        [one] { $count } día en que lo leíste, en tu calendario
       *[other] { $count } días en que lo leíste, en tu calendario
    }
books-delete-stays-finished =
    { $count ->
        [one] Que terminaste un libro, en tus números
       *[other] Que lo terminaste { $count } veces, en tus números
    }
books-delete-stays-device = El libro en tus dispositivos; si uno de ellos vuelve a enviar su posición, empieza un historial nuevo
books-delete-stays-files = Los tiempos de lectura y los subrayados, que vienen de los archivos de tus dispositivos
books-sort-finished = Fin de lectura
books-count-finished =
    { $count ->
        [one] { $count } libro, el último terminado primero
       *[other] { $count } libros, el último terminado primero
    }
books-shelf = Estantería
books-shelf-reading = Leyendo ahora
books-shelf-aside = Apartado
books-shelf-finished = Terminado
books-shelf-hidden = Oculto
books-finished-times =
    { $count ->
        [one] terminado el { $date }
       *[other] terminado { $count } veces, la última el { $date }
    }
books-move-reading = Mover a «Leyendo ahora»
books-move-aside = Apartar
books-move-finished = Marcar como terminado
books-not-finished = Al final no lo terminé ({ $date })
books-move-auto = Dejar que decidan sus posiciones
books-finished-on = Terminado el
books-hide = Ocultar en las listas
books-unhide = Mostrar en las listas
books-no-date = Indica el día en que terminaste el libro, como tarde hoy, por ejemplo 2026-11-26.

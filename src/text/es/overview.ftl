overview-title = Resumen

overview-counted = Los libros, los días y los porcentajes se cuentan a partir de las posiciones que envían tus dispositivos. Fin de tu día: { $hour } ({ $zone }).
overview-times = Los tiempos, y los días sin posición, son de las estadísticas de KOReader, subidas por última vez: { $time }.
overview-times-by = Los tiempos, y los días sin posición, son de las estadísticas de KOReader, subidas por última vez: { $time }, por { $by }.
overview-unread = «{ $file }» (subido por última vez: { $time }) no se puede leer: { $reason }. Los tiempos son los de la última subida que se pudo leer.
overview-unread-first = «{ $file }» (subido por última vez: { $time }) no se puede leer: { $reason }. Por eso todavía no hay tiempos de lectura.

overview-finished-in = Terminados en { $year }
overview-worth-read = { $books ->
    [one] y leído el equivalente a { $books } libro
   *[other] y leído el equivalente a { $books } libros
}
overview-reading-now = Leyendo ahora
overview-reading-now-about = { $days ->
    [one] abiertos en el último día
   *[other] abiertos en los últimos { $days } días
}
overview-days-in-a-row = Días seguidos
overview-weeks-in-a-row = Semanas seguidas
overview-longest = mejor racha: { $count }
overview-longest-in = Mejor racha de días
overview-days-read = Días de lectura en { $year }
overview-days-so-far = { $days ->
    [one] de { $days } día hasta hoy
   *[other] de { $days } días hasta hoy
}
overview-days-of = de { $days } días
overview-time-read = Tiempo de lectura en { $year }
overview-time-in-all = hoy { $today }, en total { $all }

overview-go-on = Sigue leyendo
overview-go-on-source = { $days ->
    [one] Libros que has abierto en el último día; el ritmo es el de las últimas dos semanas.
   *[other] Libros que has abierto en los últimos { $days } días; el ritmo es el de las últimas dos semanas.
}
overview-all-books = Todos los libros
overview-progress = Progreso
overview-done-around = a este ritmo, terminado hacia el { $date }

overview-calendar = Tu año, día a día
overview-calendar-summary = { $days ->
    [one] Has leído { $days } día en los últimos doce meses.
   *[other] Has leído { $days } días en los últimos doce meses.
}
overview-calendar-summary-year = { $days ->
    [one] Leíste { $days } día en { $year }.
   *[other] Leíste { $days } días en { $year }.
}
overview-calendar-about = Cada cuadro es un día y cada fila una semana que empieza en lunes. Cuanto más intenso es su tono, más parte de un libro se leyó ese día.
overview-calendar-shades = Los tonos cambian en el { $first }, el { $second } y el { $third } de un libro.
overview-calendar-links = Debajo de cada mes están los días de lectura y cuánto leíste, contado en libros; un día, o su mes, lleva a lo que leíste.
overview-of-a-book = { $percent } de un libro
overview-day-label = { $date }: { $amount }
overview-days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}
overview-books = { $count ->
    [one] { $count } libro
   *[other] { $count } libros
}

overview-finished-by-month = Terminados por mes
overview-finished-source = Un libro cuenta una vez al mes y una vez al año: el día en que alcanzó el { $percent }, o el día en que dijiste que lo terminaste. Los libros ocultos y los eliminados también cuentan.
overview-goal-state = { $goal ->
    [one] { $finished } de { $goal } libro
   *[other] { $finished } de { $goal } libros
}
overview-goal-ahead = { $count ->
    [one] { $count } libro por delante de un ritmo constante
   *[other] { $count } libros por delante de un ritmo constante
}
overview-goal-behind = { $count ->
    [one] { $count } libro por detrás de un ritmo constante
   *[other] { $count } libros por detrás de un ritmo constante
}
overview-goal-on-pace = justo al ritmo previsto
overview-goal-reached = has alcanzado tu objetivo
overview-goal-label = Libros que quieres terminar en un año
overview-goal-set = Fijar un objetivo anual
overview-goal-change = Cambiar el objetivo
overview-goal-about = Se aplica a cada año natural. Déjalo vacío si no quieres ninguno.
overview-goal-save = Guardar objetivo
overview-goal-invalid = El objetivo no se ha guardado. Escribe un número entero de libros del 1 al { $max }, o nada si no quieres objetivo.

overview-devices = Dónde lees
overview-devices-rest = Otros dispositivos y libros eliminados
overview-devices-source = Parte de cada dispositivo en el progreso de { $year }.

overview-wall = Terminados en { $year }
overview-wall-more = { $count ->
    [one] y { $count } más
   *[other] y { $count } más
}
overview-book-by = { $title }, de { $authors }
overview-wall-others = { $count ->
    [one] Cuenta { $count } más que no se muestra aquí: lo ocultaste, o lo eliminaste después.
   *[other] Cuentan { $count } más que no se muestran aquí: los ocultaste, o los eliminaste después.
}
overview-read-days = { $count ->
    [one] leído en { $count } día
   *[other] leído en { $count } días
}
overview-read-times = { $count ->
    [one] leído { $count } vez
   *[other] leído { $count } veces
}
overview-years = Tu año, para recordarlo, imprimirlo y compartirlo:

overview-year-title = Tu año { $year }
overview-year-picture = Imagen para imprimir o compartir
overview-year-picture-about = Un archivo SVG que lleva el nombre de tu cuenta.

overview-day-nothing = Ese día no se leyó nada, por lo que han enviado tus dispositivos.
overview-day-to-come = Ese día aún no ha llegado.
overview-from-to = del { $from } al { $to }
overview-other-books = El resto se leyó en libros que has ocultado o que se eliminaron después.
overview-days-nav = Días
overview-months-nav = Meses
overview-month-title = { $month } de { $year }
overview-month-nothing = Ese mes no se leyó nada, por lo que han enviado tus dispositivos.

overview-poster-heading = Un año de lectura
overview-poster-finished = { $count ->
    [one] libro terminado
   *[other] libros terminados
}
overview-poster-days = { $count ->
    [one] día de lectura
   *[other] días de lectura
}
overview-poster-streak = { $count ->
    [one] día seguido
   *[other] días seguidos
}
overview-poster-worth = { $count ->
    [one] libro leído, en volumen
   *[other] libros leídos, en volumen
}
overview-poster-time = de lectura
overview-poster-source = Contado a partir de las posiciones que los dispositivos enviaron a kosync. Un libro está terminado con el { $percent }; el número junto a un mes es el de sus libros terminados.
overview-poster-description = Libros terminados: { $finished }. Días de lectura: { $days }. Un calendario con un tono para cada día y las cubiertas de los libros terminados.

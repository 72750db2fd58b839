# Para traductores: una palabra para cada cosa. Las reglas están en docs/translating.md. Tratamiento: tú.
#   book = libro · document = documento · position = posición · current position = posición actual
#   history = historial · push = enviar · pull = pedir · put back = recuperar · start over = empezar de nuevo
#   highlights = subrayados · note = nota · device = dispositivo · reading time = tiempo de lectura · progress = progreso
#   account = cuenta · password = contraseña · log in, log out = iniciar, cerrar sesión · administrator = administrador
#   file = archivo · folder = carpeta · upload, download = subir, descargar · backup = copia de seguridad · delete = eliminar
#   statistics = estadísticas · session = sesión · shelf = estantería · set aside = apartado · finished = terminado · days in a row = días seguidos
#   goal = objetivo · device password = contraseña de dispositivo · set up = configurar · join, separate = unir, separar · log = registro
#   In KOReader: Progress sync = Sincronizar la posición de lectura · Custom sync server = Servidor de sincronización personalizado

common-skip = Saltar al contenido
common-main-navigation = Principal
common-overview = Resumen
common-my-books = Mis libros
common-highlights = Subrayados
common-devices = Dispositivos
common-files = Archivos
common-account = Cuenta
common-manage-accounts = Gestionar cuentas
common-import-export = Importar y exportar
common-administration = Administración
common-server = Servidor
common-appearance = Apariencia
common-theme-auto = Automática
common-theme-light = Clara
common-theme-dark = Oscura
common-log-out = Cerrar sesión
common-switch-account = Cambiar de cuenta
common-save = Guardar
common-january = enero
common-february = febrero
common-march = marzo
common-april = abril
common-may = mayo
common-june = junio
common-july = julio
common-august = agosto
common-september = septiembre
common-october = octubre
common-november = noviembre
common-december = diciembre
common-jan = ene
common-feb = feb
common-mar = mar
common-apr = abr
common-may-short = may
common-jun = jun
common-jul = jul
common-aug = ago
common-sep = sept
common-oct = oct
common-nov = nov
common-dec = dic
common-date = { $day } de { $month } de { $year }
common-day = { $day } { $month }
common-day-year = { $day } { $month } { $year }
common-date-time = { $date }, { $time }
common-just-now = ahora mismo
common-minutes-ago =
    { $count ->
        [one] hace { $count } minuto
       *[other] hace { $count } minutos
    }
common-hours-ago =
    { $count ->
        [one] hace { $count } hora
       *[other] hace { $count } horas
    }
common-yesterday = ayer
common-days-ago =
    { $count ->
        [one] hace { $count } día
       *[other] hace { $count } días
    }
common-under-a-minute = menos de un minuto
common-minutes = { $minutes } min
common-hours-minutes = { $hours } h { $minutes } min
common-hours = { $hours } h
common-over = más de { $limit }
common-below = menos de { $limit }
common-when-today = hoy, { $time }
common-when-yesterday = ayer, { $time }
common-when-date = el { $date }, { $time }
common-since-today = desde hoy, { $time }
common-since-yesterday = desde ayer, { $time }
common-since-date = desde el { $date }, { $time }
common-bytes =
    { $count ->
        [one] { $count } byte
       *[other] { $count } bytes
    }
common-kib = { $size } KiB
common-mib = { $size } MiB
common-gib = { $size } GiB
common-tib = { $size } TiB
common-search = Buscar
common-show-all = Mostrar todos
common-cancel = Cancelar
common-delete = Eliminar
common-times-from =
    { $by ->
        [none] Los tiempos de lectura proceden de las estadísticas de KOReader, subidas por última vez { $when }.
       *[other] Los tiempos de lectura proceden de las estadísticas de KOReader, subidas por última vez { $when } por { $by }.
    }
common-unread =
    { $by ->
        [none] «{ $path }», subido por última vez { $when }, no se puede leer: { $reason }.
       *[other] «{ $path }», subido por última vez { $when } por { $by }, no se puede leer: { $reason }.
    }
common-unread-kept = Los tiempos son los de la última subida que se pudo leer.
common-unread-none = Por eso aún no hay tiempos de lectura.
common-unread-too-large = ocupa más de { $size }
common-unread-no-sqlite = no es una base de datos SQLite
common-unread-no-statistics = no son las estadísticas de KOReader
common-unread-too-much = tiene más entradas de las que lee el servidor
common-unread-no-json = no es JSON
common-unread-damaged = está dañado o leerlo cuesta demasiado
common-time-read = Tiempo de lectura
common-time-on-days =
    { $count ->
        [one] { $time } en { $count } día
       *[other] { $time } en { $count } días
    }
common-pages-read = Páginas leídas
common-pages =
    { $count ->
        [one] { $count } página
       *[other] { $count } páginas
    }
common-pages-of =
    { $count ->
        [one] { $count } página de { $total }
       *[other] { $count } páginas de { $total }
    }
common-sittings = Sesiones
common-sittings-count =
    { $count ->
        [one] { $count } sesión; tras diez minutos de pausa empieza otra
       *[other] { $count } sesiones; tras diez minutos de pausa empieza otra
    }
common-pace = Ritmo
common-pages-an-hour =
    { $count ->
        [one] { $count } página por hora
       *[other] { $count } páginas por hora
    }
common-time-left = Tiempo restante a este ritmo
common-about = alrededor de { $time }
common-begun = Empezado
common-last-read = Última lectura
common-days = Días
common-day-heading = Día
common-time-heading = Tiempo
common-pages-heading = Páginas
common-earlier-days =
    { $count ->
        [one] … y { $count } anterior.
       *[other] … y { $count } anteriores.
    }
common-highlights-count =
    { $count ->
        [one] { $count } subrayado
       *[other] { $count } subrayados
    }
common-webdav-address = <b>la dirección del servidor</b>, y después <code>/webdav</code>
common-address-loopback = Esta dirección solo funciona en el propio servidor. En otros dispositivos, escribe el nombre o la dirección IP del servidor en tu red en lugar de «localhost» o «127.0.0.1».

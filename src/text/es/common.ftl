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
common-minutes = { $minutes } min
common-hours-minutes = { $hours } h { $minutes } min
common-hours = { $hours } h
common-over = más de { $limit }
common-below = menos de { $limit }

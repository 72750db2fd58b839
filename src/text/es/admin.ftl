admin-transfer-title = Importar y exportar
admin-import = Importar
admin-import-switched-off = Las subidas están desactivadas con <code>max_import_bytes</code> en la configuración del servidor.
admin-import-intro = Trae cuentas, accesos y posiciones de una exportación de kosync o del <code>Kosync.db</code> de kosync-dotnet. La página siguiente muestra lo que se haría; nada cambia hasta que lo confirmes.
admin-import-file = Archivo, como máximo { $max }
admin-import-log = Kosync-log.db, si hay uno junto a Kosync.db
admin-import-upload = Subir y ver qué haría
admin-import-reading =
    { $documents ->
        [one] Leyendo <b><bdi>{ $label }</bdi></b>… { $documents } documento comparado hasta ahora. Aún no ha cambiado nada. Esta página se recarga sola.
       *[other] Leyendo <b><bdi>{ $label }</bdi></b>… { $documents } documentos comparados hasta ahora. Aún no ha cambiado nada. Esta página se recarga sola.
    }
admin-import-preview = Vista previa de <b><bdi>{ $label }</bdi></b>. Aún no ha cambiado nada.
admin-import-other-password = Otra contraseña aquí
admin-import-other-password-about = Una cuenta así puede ser de otra persona. Selecciona las que son de la misma: se importan sus libros y se conserva la contraseña de aquí.
admin-import-preview-again = Actualizar la vista previa
admin-import-importing =
    { $of ->
        [one] Importando <b><bdi>{ $label }</bdi></b>… { $documents } de { $of } documento. El servidor sigue atendiendo a todos. Esta página se recarga sola.
       *[other] Importando <b><bdi>{ $label }</bdi></b>… { $documents } de { $of } documentos. El servidor sigue atendiendo a todos. Esta página se recarga sola.
    }
admin-import-finished = Se ha importado <b><bdi>{ $label }</bdi></b>.
admin-import-another = Importar otro archivo
admin-import-choose-another = Elegir otro archivo
admin-import-stop = Detener
admin-import-stopped = La importación se detuvo, y lo importado hasta entonces se conserva.
admin-import-not-waiting = Esta importación ya no espera una decisión: entretanto se inició o se descartó, o su archivo llevaba aquí una hora.
admin-import-running = Hay otra importación en curso. Espera a que termine o detenla.
admin-import-no-file = No se ha elegido ningún archivo. Elige el que quieres importar.
admin-import-malformed = Lo subido no es un formulario con un archivo, o se cortó. Vuelve atrás e inténtalo de nuevo.
admin-import-no-uploads = Las subidas están desactivadas con «max_import_bytes».
admin-report-created = Creado: { $accounts ->
        [one] { $accounts } cuenta
       *[other] { $accounts } cuentas
    } y { $documents ->
        [one] { $documents } documento
       *[other] { $documents } documentos
    }.
admin-report-would-create = Se crearían: { $accounts ->
        [one] { $accounts } cuenta
       *[other] { $accounts } cuentas
    } y { $documents ->
        [one] { $documents } documento
       *[other] { $documents } documentos
    }.
admin-report-advanced = Avanzado a una posición más reciente: { $documents ->
        [one] { $documents } documento
       *[other] { $documents } documentos
    }; la anterior está en el historial.
admin-report-would-advance = Avanzarían a una posición más reciente: { $documents ->
        [one] { $documents } documento
       *[other] { $documents } documentos
    }; la anterior está en el historial.
admin-report-unchanged = Sin cambios: { $accounts ->
        [one] { $accounts } cuenta
       *[other] { $accounts } cuentas
    }, con la contraseña que tienen aquí, y { $documents ->
        [one] { $documents } documento
       *[other] { $documents } documentos
    }, cuya posición aquí es igual de reciente o más.
admin-report-aliases = Otros id de documentos: { $created } añadidos, { $unchanged } no hacían falta.
admin-report-would-alias = Otros id de documentos: se añadirían { $created }, { $unchanged } no hacen falta.
admin-report-skipped = Omitido: { $count ->
        [one] { $count } registro
       *[other] { $count } registros
    }, listados abajo.
admin-report-would-skip = Se omitirían: { $count ->
        [one] { $count } registro
       *[other] { $count } registros
    }, listados abajo.
admin-report-left-out = Excluidas con { $documents ->
        [one] { $documents } documento
       *[other] { $documents } documentos
    }: { $names }. Para importar una en la cuenta de ese nombre de aquí, que conserva su contraseña, sube de nuevo el archivo y selecciónala.
admin-report-would-leave-out = Excluidas con { $documents ->
        [one] { $documents } documento
       *[other] { $documents } documentos
    }: { $names }. Para importar una en la cuenta de ese nombre de aquí, que conserva su contraseña, selecciónala abajo.
admin-report-without-password = Sin contraseña: { $names }. Ponle una a cada una en «Gestionar cuentas».
admin-report-reader-named-admin = El origen tiene una cuenta normal «admin». Aquí ese nombre es el del administrador: en cuanto se pone una contraseña de administrador, «admin» inicia sesión con ella.
admin-report-lacks-log = Junto a la base de datos no hay registro (Kosync-log.db), lo cual es normal. Si hay uno junto al original, las últimas posiciones solo están ahí: súbelo junto con la base de datos.
admin-report-skipped-records = Registros omitidos
admin-report-more =
    { $count ->
        [one] … y { $count } más
       *[other] … y { $count } más
    }
admin-export = Exportación y copia de seguridad
admin-export-intro = Ambas lo contienen todo, con los hashes de las contraseñas de todas las cuentas: guárdalas en privado.
admin-export-download = Descargar exportación
admin-export-about = Texto que leen esta página y <code>kosync import</code>, en cualquier máquina. Sin los archivos de las carpetas WebDAV.
admin-backup-download = Descargar copia de seguridad
admin-backup-about = Una copia del archivo de datos, para <code>kosync restore</code>.
admin-check = Comprobar
admin-check-intro = Lo lee todo y dice si es coherente.
admin-check-button = Comprobar los datos
admin-check-summary = { $accounts ->
        [one] { $accounts } cuenta
       *[other] { $accounts } cuentas
    }, { $documents ->
        [one] { $documents } documento
       *[other] { $documents } documentos
    }, { $positions ->
        [one] { $positions } posición con el historial
       *[other] { $positions } posiciones con el historial
    }, { $sessions ->
        [one] { $sessions } sesión
       *[other] { $sessions } sesiones
    }, { $size }.
admin-check-aliases =
    { $count ->
        [one] { $count } id más de documentos.
       *[other] { $count } id más de documentos.
    }
admin-check-files =
    { $count ->
        [one] { $count } archivo en carpetas WebDAV.
       *[other] { $count } archivos en carpetas WebDAV.
    }
admin-check-old-rows =
    { $count ->
        [one] { $count } fila con el formato de una versión anterior; se convierte la próxima vez que se escriba.
       *[other] { $count } filas con el formato de una versión anterior; cada una se convierte la próxima vez que se escriba.
    }
admin-check-sound = No se ha encontrado ningún problema.
admin-check-problems =
    { $count ->
        [one] La base de datos tiene { $count } problema: restaura una copia de seguridad o comunícalo como un error del programa.
       *[other] La base de datos tiene { $count } problemas: restaura una copia de seguridad o comunícalo como un error del programa.
    }

admin-accounts-title = Cuentas
admin-registration-open = El registro está abierto
admin-registration-closed = El registro está cerrado
admin-registration-open-about = Cualquier dispositivo que llegue a este servidor puede crear una cuenta.
admin-registration-closed-about = Los dispositivos no pueden crear cuentas. Puedes crearlas más abajo.
admin-registration-configured-open = La configuración dice «abierto». Lo que elijas aquí prevalece, también tras un reinicio, hasta que cambie la configuración.
admin-registration-configured-closed = La configuración dice «cerrado». Lo que elijas aquí prevalece, también tras un reinicio, hasta que cambie la configuración.
admin-close-registration = Cerrar el registro
admin-open-registration = Abrir el registro
admin-account-count =
    { $count ->
        [one] { $count } cuenta
       *[other] { $count } cuentas
    }
admin-limits = Cada cuenta puede tener { $books } libros, { $positions } de posiciones y { $files } de archivos, según los ajustes { $settings }.
admin-name = Nombre
admin-books = Libros
admin-positions = Posiciones
admin-files = Archivos
admin-last-used = Último uso
admin-never = nunca
admin-export-link = Exportar
admin-administrator = administrador
admin-disabled = desactivada
admin-enabled = activa
admin-last-used-about = «Último uso» es la hora de la última posición recibida o del último inicio de sesión en estas páginas, con precisión de una hora. Los tamaños son estimaciones de lo que la cuenta ocupa en el archivo de datos, contadas al abrir esta página.
admin-create-account = Crear cuenta
admin-account-heading = Cuenta <bdi>{ $name }</bdi>
admin-number = Número
admin-created = Creada
admin-status = Estado
admin-is-admin = Esta cuenta no se puede desactivar ni eliminar. Cambia su contraseña en su propia página, <a href="{ $link }">Cuenta</a>.
admin-disable-heading = Desactivar la cuenta
admin-enable-heading = Activar la cuenta
admin-disable-about = Sus dispositivos ya no podrán iniciar sesión ni enviar o recibir posiciones. No se elimina nada.
admin-enable-about = Sus dispositivos podrán volver a iniciar sesión y a enviar y recibir posiciones.
admin-disable = Desactivar
admin-enable = Activar
admin-change-password = Cambiar la contraseña
admin-new-password = Nueva contraseña
admin-repeat-password = Repite la nueva contraseña
admin-import-heading = Importar y exportar
admin-export-about = La exportación contiene solo esta cuenta, con el hash de su contraseña, sus posiciones e historiales, sin los archivos de su carpeta WebDAV. Lo que otro servidor tenga de ella se importa en la página <a href="{ $link }">Importar y exportar</a>.
admin-download-export = Descargar la exportación
admin-delete = Eliminar la cuenta…
admin-all-accounts = Todas las cuentas
admin-of = { $part } de { $whole }
admin-server-title = Servidor
admin-program = Programa
admin-version = Versión
admin-version-from = Del programa que ha generado esta página.
admin-started = Iniciado
admin-started-from = Según el reloj del servidor: cuando este proceso abrió sus datos.
admin-not-known = desconocido
admin-health = Estado
admin-health-good = Bien: los datos se pueden leer y sus archivos están en su sitio.
admin-health-from = La misma comprobación que /healthcheck, hecha ahora.
admin-disk = Disco
admin-directory = Directorio de datos
admin-directory-from = De la configuración.
admin-disk-free = Libre en su disco
admin-disk-free-from = Lo que dice ahora el sistema de archivos.
admin-disk-reserve = Se mantiene libre
admin-disk-reserve-from = Por debajo se rechazan posiciones de libros nuevos; ajuste min_free_disk.
admin-file = Archivo de datos
admin-file-from = El tamaño de data.mdb.
admin-file-used = En uso
admin-file-used-from = Las páginas con datos, contadas por LMDB. El resto del archivo se usa antes de que crezca.
admin-file-max = Puede crecer hasta
admin-file-max-from = El ajuste max_store_bytes; sin él, según el tamaño del disco al arrancar.
admin-copies = Copias de seguridad
admin-backup = Última copia de seguridad
admin-backup-from = Anotado en los datos por kosync backup y por la página Importar y exportar. Las copias de otros programas, como las de Home Assistant, no se conocen aquí.
admin-last-export = Última exportación
admin-export-from = Anotado en los datos por kosync export y por la página Importar y exportar: exportaciones de todas las cuentas.
admin-none-known = no se conoce ninguna
admin-load = Carga y conexiones
admin-queue = Escrituras en espera
admin-queue-from = La cola hacia el disco, ahora. Cuando está llena, se pide a los dispositivos que lo intenten de nuevo.
admin-connections = Conexiones abiertas
admin-connections-from = En todas las direcciones de este proceso, ahora, incluida la de esta página; ajuste max_connections, reducido a lo que permite el sistema.
admin-mqtt = MQTT
admin-mqtt-off = desactivado
admin-mqtt-connected = Conectado a { $broker } desde el { $since }.
admin-mqtt-disconnected = Sin conexión desde el { $since }: { $reason }
admin-mqtt-from = El estado de la conexión con el bróker en este proceso; ajustes mqtt.
admin-errors = Últimos errores y avisos
admin-error = Error
admin-errors-none = Ninguno desde el arranque.
admin-errors-from = Del registro de este proceso desde su arranque, en su idioma: hasta diez de cada tipo.
admin-errors-elsewhere = El programa del que forma parte este servidor los tiene en su registro.
admin-transfer-title = Importar y exportar
admin-import = Importar
admin-import-switched-off = Las subidas están desactivadas con <code>max_import_bytes</code> en la configuración del servidor.
admin-import-intro = Trae cuentas, contraseñas y posiciones de una exportación de kosync o del <code>Kosync.db</code> de kosync-dotnet. La página siguiente muestra lo que se haría; nada cambia hasta que lo confirmes.
admin-import-file = Archivo, como máximo { $max }
admin-import-log = Kosync-log.db, si hay uno junto a Kosync.db
admin-import-upload = Subir y ver la vista previa
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
admin-report-created = Creados: { $accounts ->
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
admin-report-advanced = Avanzados a una posición más reciente: { $documents ->
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
admin-report-aliases = Otros ID de documentos: { $created } añadidos, { $unchanged } no hacían falta.
admin-report-would-alias = Otros ID de documentos: se añadirían { $created }, { $unchanged } no hacen falta.
admin-report-skipped = Omitidos: { $count ->
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
admin-export-intro = Ambas lo contienen todo, con los hashes de las contraseñas de todas las cuentas: no las compartas.
admin-export-download = Descargar la exportación
admin-export-text = Texto que leen esta página y <code>kosync import</code>, en cualquier máquina. Sin los archivos de las carpetas WebDAV.
admin-backup-download = Descargar la copia de seguridad
admin-backup-about = Una copia del archivo de datos, para <code>kosync restore</code>.
admin-check = Comprobar
admin-check-intro = Lee todos los datos e indica si son coherentes.
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
        [one] { $count } ID más de documentos.
       *[other] { $count } ID más de documentos.
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
       *[other] La base de datos tiene { $count } problemas: restaura una copia de seguridad o comunícalos como un error del programa.
    }
admin-protected = La cuenta admin no se puede desactivar ni eliminar, y solo su dueño puede cambiar su contraseña.
admin-suggested = Gestionar todas las cuentas
admin-suggested-about = Ninguna cuenta es aún administradora. Home Assistant no indica a las aplicaciones quiénes son sus administradores: escribe <code>{ $user }</code> en <b>Ajustes → Aplicaciones → KOReader Sync → Configuración → Administradores</b>, guarda y reinicia la aplicación.
admin-import-unexpected = un error inesperado terminó la importación; la causa está en el registro del servidor
admin-import-interrupted = la importación se interrumpió, y lo importado hasta entonces se conserva; corrígelo y repítela: { $reason }
admin-record-line = línea { $number }
admin-record-account = cuenta { $name }
admin-record-notes = notas de la cuenta { $name }
admin-record-document = documento { $name }
admin-record-documents-from = documento { $number } y todos los siguientes
admin-record-all-documents = todos los documentos
admin-record-book = libro del documento { $name }
admin-record-alias = otro ID { $name }
admin-record-at = la cuenta en la página { $page }, posición { $slot }
admin-record-end = el final del archivo
admin-record-more =
    { $count ->
        [one] { $count } más
       *[other] { $count } más
    }
admin-skip-foreign-hash = su clave no es un hash Argon2id como los que crea este servidor
admin-skip-blank-name = su nombre empieza o termina con un espacio, así que aquí sería otra cuenta
admin-skip-future = su hora está en el futuro: { $timestamp } s después de 1970
admin-skip-no-account = su cuenta no existe
admin-skip-other-password = la cuenta de ese nombre tiene aquí otra contraseña, así que puede ser de otra persona
admin-skip-other-hash = la cuenta de ese nombre tiene aquí otra contraseña, o la misma puesta de nuevo, así que puede ser de otra persona
admin-skip-unknown-password = el origen no tiene su contraseña, así que la cuenta de ese nombre puede ser aquí de otra persona
admin-skip-too-long = ocupa más de { $max }
admin-skip-no-record = no es un registro de una exportación: { $detail }
admin-skip-unstorable = ningún servidor puede tenerlo: { $detail }
admin-skip-damaged = está dañado en la base de datos: { $detail }
admin-skip-log-missing =
    { $count ->
        [one] el archivo tiene { $count } página más que la base de datos: su registro (Kosync-log.db junto a Kosync.db) no se copió con él, y faltan las últimas posiciones
       *[other] el archivo tiene { $count } páginas más que la base de datos: su registro (Kosync-log.db junto a Kosync.db) no se copió con él, y faltan las últimas posiciones
    }
admin-skip-not-indexed = el índice de las cuentas no la contiene
admin-skip-not-listed =
    { $count ->
        [one] solo se muestra el primero
       *[other] solo se muestran los primeros { $count }
    }
admin-source-empty = el archivo está vacío
admin-source-cut-off = el archivo está cortado: le falta la última línea
admin-source-at-line = línea { $number }: { $reason }
admin-source-newer = esta exportación es de una versión más nueva de kosync (formato { $format }); actualiza primero este servidor
admin-source-no-export = no es una exportación de kosync
admin-source-another-export = aquí empieza otra exportación: importa una después de otra
admin-source-other-count =
    { $count ->
        [one] hay { $count } registro, pero la última línea cuenta otros: la exportación no está completa
       *[other] hay { $count } registros, pero la última línea cuenta otros: la exportación no está completa
    }
admin-source-goes-on = esta es la última línea de la exportación, pero el archivo continúa
admin-source-data-file = es una copia de seguridad o el archivo de datos de un servidor: «kosync restore» hace de él un directorio de datos
admin-source-redis = es un volcado de Redis: inicia un Redis con él y luego importa «redis://127.0.0.1:6379/1» con «kosync import»
admin-source-compressed = el archivo está comprimido: descomprímelo primero
admin-source-sqlite = es una base de datos SQLite, que ningún servidor compatible escribe
admin-source-unknown = no es ni una exportación de kosync ni una base de datos de kosync-dotnet
admin-source-no-account = no contiene la cuenta { $name }, que se quiere fusionar
admin-source-other = no se puede leer: { $detail }
admin-database-encrypted = la base de datos está cifrada; quita su contraseña con LiteDB e inténtalo de nuevo
admin-database-too-old = la base de datos es de LiteDB 4; ábrela una vez con LiteDB 5, que la actualiza, e inténtalo de nuevo
admin-database-version = la base de datos tiene la versión { $version } del formato de LiteDB; solo se admite la versión 8, la de LiteDB 5
admin-database-rebuild = LiteDB ha marcado la base de datos como dañada; deja que LiteDB la reconstruya e inténtalo de nuevo
admin-database-missing-page = falta la página { $page }: el archivo está cortado, o su registro (Kosync-log.db junto a Kosync.db) no se copió con él
admin-database-damaged = la base de datos está dañada, o su registro (Kosync-log.db junto a Kosync.db) no se copió con ella: página { $page }: { $detail }
admin-database-damaged-log = el registro está dañado o no es de LiteDB: no hay una página válida en el byte { $at }
admin-database-foreign-log = el registro pertenece a otra base de datos
admin-database-no-users = la base de datos no tiene la colección «users»: no es de kosync-dotnet, nunca se usó, o su registro (Kosync-log.db junto a Kosync.db) no se copió con ella

# Contraseñas de dispositivo: la página, y su enlace en la página de la cuenta.
setup-passwords-title = Contraseñas de dispositivo
setup-passwords-about = Da a cada dispositivo su propia contraseña: puedes revocarla sola, y sigue valiendo cuando cambias la contraseña de tu cuenta.
setup-passwords-shown = La contraseña de <bdi>{ $name }</bdi>
setup-passwords-shown-about = <b>Solo se muestra esta vez.</b> En el dispositivo, inicia sesión como <b><bdi>{ $username }</bdi></b> con esta contraseña, escrita tal como está aquí: en minúsculas, con los guiones. Si la pierdes, revócala y crea otra.
setup-passwords-intro = Una contraseña de dispositivo permite a un solo dispositivo leer y enviar posiciones y usar tus archivos de aquí. No abre ninguna página aquí, ni puede cambiar o eliminar tu cuenta. Si pierdes o vendes un dispositivo, revoca su contraseña: los demás siguen conectados, también cuando cambias la contraseña de tu cuenta.
setup-passwords-used = usada por última vez el { $day }
setup-passwords-used-from = usada por última vez el { $day }, desde { $network }
setup-passwords-unused = aún sin usar
setup-passwords-made = creación: <time datetime="{ $datetime }" title="{ $exact }">{ $text }</time>
setup-passwords-revoke = Revocar
setup-passwords-revoke-name = Revocar la contraseña de { $name }
setup-passwords-make-heading = Crear una contraseña de dispositivo
setup-passwords-make-about = Para configurar un dispositivo con la dirección de este servidor y todo lo demás, usa <a href="{ $link }">Configurar un dispositivo</a>. Para una contraseña sola:
setup-passwords-name = Nombre del dispositivo
setup-passwords-make = Crear contraseña
setup-passwords-count = Tienes { $count } de { $max } como máximo.
setup-passwords-name-empty = No se ha creado ninguna contraseña: el nombre está vacío. Escribe el nombre del dispositivo.
setup-passwords-name-too-long = No se ha creado ninguna contraseña: el nombre tiene más de { $max } caracteres. Acórtalo.
setup-passwords-name-control = No se ha creado ninguna contraseña: el nombre tiene caracteres de control. Escríbelo de nuevo, sin saltos de línea.
setup-passwords-too-many = No se ha creado ninguna contraseña: tienes { $max }, el máximo de una cuenta. Revoca una que ya no se use.

# Donde aún no hay libros.
setup-empty-heading = Aún no hay libros: configura KOReader
setup-empty-files-about = Recibes los ajustes de KOReader como archivos que copias en el dispositivo. O escríbelos allí: abre un libro y después:
setup-empty-server = <b>Herramientas</b> (la llave inglesa) → <b>Sincronizar la posición de lectura</b> → <b>Servidor de sincronización personalizado</b>: escribe
setup-empty-login = En el mismo menú, <b>Registrar / Iniciar sesión</b> → <b>Iniciar sesión</b>: escribe tu nombre, <b><bdi>{ $username }</bdi></b>, y tu contraseña.
setup-empty-push = Elige <b>Exportar la posición de lectura de este dispositivo</b> y recarga esta página: tu libro aparece aquí.
setup-empty-automatic = Activa <b>Mantener los documentos sincronizados automáticamente</b>, para que las siguientes posiciones se envíen sin preguntar.
setup-empty-metadata = KOReader solo envía los títulos de tus libros si lo activas en el mismo menú. También puedes dar nombre a tus libros aquí.

# La dirección del servidor.
setup-address-loopback = Esta página se abrió en una dirección que solo funciona en el propio servidor. En otros dispositivos, escribe el nombre o la dirección IP del servidor en tu red en lugar de «localhost» o «127.0.0.1».
setup-address-mdns = Muchos lectores no encuentran nombres que terminan en .local. Si el tuyo no encuentra el servidor, escribe en su lugar la dirección IP.
setup-address-suggested = La dirección de tu navegador. Cámbiala si el dispositivo llega a este servidor por otra.
setup-address-configure = Para que se muestre en todas partes, pon <code>address</code> en la configuración del servidor.
setup-address-certain = Se sincroniza con <code>{ $address }</code>.
setup-address-server = la dirección del servidor
setup-address-port-off = La dirección del servidor no se conoce aquí: el puerto 7200 de esta aplicación está desactivado en Home Assistant. Indica un puerto en la configuración de la aplicación, en Red; o, detrás de un proxy inverso, la dirección del proxy en la opción «address».
setup-address-no-certificate-name = La dirección del servidor no se conoce aquí: el certificado de la opción «certfile» no vale para un único nombre de host. Escribe https://, un nombre para el que valga el certificado y el puerto de la aplicación. Escribe esa dirección en la opción «address» para que aparezca aquí.
setup-address-not-told = La dirección del servidor no se conoce aquí: Home Assistant no la ha comunicado. Escribe http://, o con «ssl» https://, la dirección de Home Assistant y el puerto de la aplicación. Escribe esa dirección en la opción «address» para que aparezca aquí.
setup-address-not-yet-told = La dirección del servidor aún no se conoce aquí: Home Assistant todavía no la ha comunicado. Recarga la página en un momento, o escríbela.
setup-address-invalid = No se ha creado ninguna contraseña: esto no es una dirección como http://192.168.1.20:7200 o https://books.example/kosync. Escríbela con http:// o https://.

# Configurar un dispositivo: el programa y el formulario.
setup-title = Configurar un dispositivo
setup-which-program = ¿Con qué programa lee el dispositivo?
setup-koreader-about = En Kobo, Kindle, PocketBook, reMarkable, Android y Linux. Recibes sus ajustes como archivos, o lo que hay que escribir.
setup-crosspoint-about = En el Xteink X4 y lectores parecidos. Recibes lo que hay que escribir.
setup-readest-about = En móviles, tabletas y ordenadores. Recibes lo que hay que escribir, y códigos para escanear.
setup-other = Otro programa
setup-other-about = Cualquiera que se sincronice con un servidor de KOReader. Recibes lo que hay que escribir, y códigos para escanear.
setup-own-password = El dispositivo recibe su propia contraseña. Si pierdes el dispositivo, revócala en <a href="{ $link }">Contraseñas de dispositivo</a>.
setup-heading = Configurar { $program }
setup-heading-other = Configurar otro programa
setup-address = Dirección de este servidor
setup-files = Tiempos de lectura y subrayados
setup-files-about = Las estadísticas de lectura y los subrayados exportados del dispositivo van a tu carpeta de aquí, que comparten todos tus dispositivos. KOReader 2026.08 o posterior.
setup-installation = KOReader en este dispositivo
setup-in-use = Ya se usa
setup-in-use-about = Lo que ya está ajustado se conserva. Un pequeño parche de Lua añade el resto la próxima vez que se inicie KOReader, y se elimina solo.
setup-new = Nunca se ha iniciado
setup-new-about = Sus ajustes salen de los archivos. En un KOReader que ya se usa, <code>settings.reader.lua</code> los sustituiría todos.
setup-download = Descargar los archivos
setup-show = Mostrar lo que hay que escribir
setup-copy-heading = Copiar los archivos
setup-copy = Copia estos archivos en la carpeta «koreader» con KOReader cerrado: descomprime el ZIP, conecta el dispositivo al ordenador y pon las carpetas del ZIP en esa carpeta. Después inicia KOReader y abre un libro.
setup-device = Dispositivo
setup-folder = La carpeta
setup-hidden-folder = Las carpetas cuyo nombre empieza por un punto están ocultas en muchos ordenadores: muestra los archivos ocultos.
setup-files-then = KOReader envía los tiempos de lectura cuando los sincronizas en <b>Estadísticas de lectura</b>, y los subrayados cuando los exportas. En la página <a href="{ $link }">Archivos</a> se explica cómo enviar los tiempos de lectura automáticamente.
setup-replaced-heading = Lo que cambia en el dispositivo
setup-replaced = <code>settings/kosync.lua</code> sustituye al archivo que hay: se pierden la sesión en otro servidor de sincronización y lo demás que se eligió en <b>Sincronizar la posición de lectura</b>.
setup-replaced-in-use = Ya se usa: con los tiempos de lectura y los subrayados, las estadísticas y la exportación de subrayados eligen tu carpeta de aquí en lugar de otro almacenamiento en la nube. Los demás ajustes se conservan.
setup-replaced-new = Nunca iniciado: <code>settings.reader.lua</code> y <code>settings/cloudstorage.lua</code> son nuevos. Los archivos que ya existan se sustituirían enteros.
setup-merge-by-hand = Para cambiar los archivos a mano, elige «Mostrar lo que hay que escribir»: esa página también tiene las líneas que hay que insertar.
setup-what-is-set = La sincronización automática está activada, así que KOReader enciende el wifi por sí mismo cuando abres o cierras un libro. Se envían los títulos y los nombres de archivo.
setup-method =
    { $method ->
        [filename] Los libros se reconocen por el nombre del archivo, como en tus otros dispositivos (Nombre de archivo).
        [binary] Los libros se reconocen por su contenido, como en tus otros dispositivos (Binaria).
       *[default] Los libros se reconocen por su contenido (Binaria), como hace KOReader por sí mismo.
    }
setup-versions = KOReader lee estos archivos desde la versión 2026.07. Uno anterior, desde la 2024.04, toma de ellos la sincronización de la posición de lectura si eliges «Ya se usa»; en uno aún más antiguo, escribe los datos. El KOReader de F-Droid no ejecuta parches: inserta allí las líneas a mano.

# Configurar un dispositivo: lo que hay que escribir.
setup-ready = Configurar <bdi>{ $name }</bdi>
setup-once = <b>La contraseña solo se muestra esta vez.</b> Escríbela tal como está aquí: en minúsculas, con los guiones. Si la pierdes, revócala y configura el dispositivo de nuevo.
setup-address-label = Dirección
setup-username-label = Nombre
setup-password-label = Contraseña
setup-qr = Código QR: { $what }
setup-qr-about = En un móvil o una tableta, escanea un código con la cámara y copia su texto.
setup-steps-heading = En { $program }
setup-steps-heading-other = En el programa
setup-koreader-server = Abre un libro y después <b>Herramientas</b> (la llave inglesa) → <b>Sincronizar la posición de lectura</b> → <b>Servidor de sincronización personalizado</b>: escribe la dirección.
setup-koreader-login = En el mismo menú, <b>Registrar / Iniciar sesión</b> → <b>Iniciar sesión</b>: escribe el nombre y la contraseña.
setup-koreader-options = Activa <b>Mantener los documentos sincronizados automáticamente</b> y el envío de metadatos.
setup-koreader-cloud = <b>Herramientas</b> → almacenamiento en la nube (<b>Cloud storage</b>), después el signo más → <b>WebDAV</b>: escribe cualquier nombre, la dirección <code>{ $address }</code>, el nombre y la contraseña. Deja vacía la carpeta inicial y guarda.
setup-koreader-statistics = <b>Herramientas</b> → <b>Estadísticas de lectura</b> → ajustes → sincronización en la nube → editar: elige este servidor, mantén pulsada la primera línea, que elige la carpeta actual, y confirma.
setup-crosspoint-menu = En el lector, <b>Settings</b> → <b>System</b> → <b>KOReader Sync</b>. O abre allí <b>File Transfer</b> y, en un navegador, la página de ajustes del lector, donde puedes pegar.
setup-crosspoint-fields =
    { $method ->
        [filename] Escribe el nombre, la contraseña y la dirección como <b>Username</b>, <b>Password</b> y <b>Sync Server URL</b>. Pon <b>Document Matching</b> en <b>Filename</b>, como en tus otros dispositivos.
        [binary] Escribe el nombre, la contraseña y la dirección como <b>Username</b>, <b>Password</b> y <b>Sync Server URL</b>. Pon <b>Document Matching</b> en <b>Binary</b>, como en tus otros dispositivos.
       *[default] Escribe el nombre, la contraseña y la dirección como <b>Username</b>, <b>Password</b> y <b>Sync Server URL</b>. Pon <b>Document Matching</b> en <b>Binary</b>, como hacen KOReader y Readest.
    }
setup-crosspoint-login = Elige <b>Authenticate</b>. En un libro, <b>Sync Progress</b> en el menú sincroniza después.
setup-readest-menu = Abre los ajustes → integraciones (<b>Integrations</b>) → <b>KOReader Sync</b>.
setup-readest-fields = Escribe la dirección, el nombre y la contraseña en los tres campos (<b>Server URL</b>, <b>Username</b>, <b>Password</b>) y conecta (<b>Connect</b>).
setup-readest-browser = Readest en un navegador solo llega a este servidor si <code>cors_origins</code>, en la configuración del servidor, nombra su dirección.
setup-other-fields = Busca los ajustes de la sincronización de KOReader o «kosync», y escribe la dirección, el nombre y la contraseña.
setup-other-login = Inicia sesión. No te registres: ya tienes una cuenta.
setup-merge-heading = Líneas para insertar en los archivos de KOReader
setup-merge = Para un KOReader que ya tiene estos archivos: ciérralo y añade las líneas a las tablas que hay. Si sus estadísticas se sincronizaban en otro lugar, elimina <code>settings/statistics.sqlite3.sync</code>. Las líneas contienen la contraseña.
setup-another = Configurar otro dispositivo

# El archivo de texto del ZIP.
setup-readme = Ajustes de KOReader para «{ $name }», que se sincroniza con { $address }. Guárdalos para ti: contienen la contraseña del dispositivo.
setup-readme-in-use = Los archivos sustituyen settings/kosync.lua y completan todos los demás ajustes: patches/2-kosync-setup.lua lo hace la próxima vez que se inicie KOReader, y se elimina solo.
setup-readme-new = Los archivos son para un KOReader que nunca se ha iniciado. En uno que ya se usa, settings.reader.lua y settings/cloudstorage.lua sustituirían todos sus ajustes.

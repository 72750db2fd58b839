errors-title = Error: { $title }
errors-nothing-changed = No se ha cambiado nada
errors-login-failed = No se pudo iniciar sesión
errors-not-logged-in = Sesión no iniciada
errors-not-logged-in-text = Inicia sesión e inténtalo de nuevo.
errors-cross-origin = Formulario rechazado
errors-cross-origin-text = No se ha cambiado nada: el formulario venía de { $origin }, pero la petición era para { $host }. Si ambos son este servidor, un proxy delante de él cambia la cabecera Host. En nginx, pon `proxy_set_header Host $http_host;` ($host omite el puerto). Si no, vuelve atrás, recarga la página e inténtalo de nuevo.
errors-no-ingress-user = Sin usuario de Home Assistant
errors-no-ingress-user-text = Home Assistant no ha enviado tu identificador de usuario, así que no hay ninguna cuenta que mostrar. Recarga esta página; si no sirve, reinicia Home Assistant.
errors-not-administrator = Solo para administradores
errors-not-administrator-text = Tu cuenta no puede gestionar otras cuentas. Inicia sesión con la cuenta de un administrador.
errors-no-page = Página no encontrada
errors-no-page-text = No hay ninguna página en esta dirección. Puede que se haya eliminado, o que la dirección esté incompleta.
errors-method = Método no permitido
errors-method-text = Esta dirección solo responde a { $methods }. Usa los enlaces y botones de las páginas.
errors-registration-closed = El registro está cerrado
errors-registration-closed-text = El registro está cerrado en este servidor. Pide una cuenta a su administrador.
errors-wrong-credentials = El nombre o la contraseña no son correctos.
errors-wrong-password = La contraseña no es correcta.
errors-disabled = Esta cuenta está desactivada. Pide al administrador del servidor que la active.
errors-device-password = Esta es una contraseña de dispositivo. Es para programas de lectura y no abre ninguna página. Usa la contraseña de tu cuenta.
errors-too-large = Formulario demasiado grande
errors-too-large-text = No se ha cambiado nada: el formulario ocupa más de { $max } bytes. Acórtalo e inténtalo de nuevo.
errors-incomplete = Formulario incompleto
errors-incomplete-text = No se ha cambiado nada: el formulario no llegó completo y a tiempo. Comprueba tu conexión e inténtalo de nuevo.
errors-too-many-failures =
    { $seconds ->
        [one] Demasiados intentos fallidos. Inténtalo de nuevo dentro de { $seconds } segundo.
       *[other] Demasiados intentos fallidos. Inténtalo de nuevo dentro de { $seconds } segundos.
    }
errors-too-many-registrations =
    { $seconds ->
        [one] Se han creado demasiadas cuentas. Inténtalo de nuevo dentro de { $seconds } segundo.
       *[other] Se han creado demasiadas cuentas. Inténtalo de nuevo dentro de { $seconds } segundos.
    }
errors-busy = Servidor ocupado
errors-heavy-read-text = Se está ejecutando otra exportación, copia de seguridad o comprobación. Inténtalo de nuevo cuando termine.
errors-upload-too-large = Archivo demasiado grande
errors-upload-too-large-text = No se ha cambiado nada: el archivo ocupa más de { $max } bytes. Aumenta `max_import_bytes` en la configuración del servidor, o importa el archivo con `kosync import` en el servidor.
errors-busy-text = El servidor tiene demasiadas peticiones para responder a esta. Inténtalo de nuevo en un momento.
errors-disk-full = Disco lleno
errors-disk-full-text = No se ha cambiado nada: el disco del servidor está lleno. Su administrador debe liberar espacio.
errors-no-room = No queda espacio
errors-no-room-text = No se ha cambiado nada: tus posiciones ocupan todo el espacio que puede tener tu cuenta. Elimina algunos libros, o pide más al administrador del servidor.
errors-disk-error = Error de disco
errors-disk-error-text = No se ha cambiado nada: el servidor no puede escribir en su disco. Su administrador debe revisarlo; el registro del servidor tiene los detalles.
errors-data-missing = Falta el directorio de datos
errors-data-missing-text = No se ha cambiado nada: el directorio de datos del servidor se ha eliminado o sustituido. Su administrador debe detener el servidor, restaurar el directorio y volver a iniciarlo.
errors-internal = Error del servidor
errors-internal-text = Se ha producido un error inesperado. Inténtalo de nuevo; si vuelve a ocurrir, pide al administrador del servidor que mire el registro.
errors-password-empty = La nueva contraseña está vacía. Escríbela en los dos campos.
errors-passwords-differ = Las dos contraseñas son distintas. Escribe la misma en los dos campos.
errors-name-taken = Ya existe una cuenta con este nombre. Elige otro.
errors-field-username = el nombre
errors-field-name = el nombre
errors-field-password = la contraseña
errors-invalid-empty = falta { $field }
errors-invalid-colon = { $field } no puede contener dos puntos
errors-invalid-control = { $field } no puede contener caracteres de control
errors-invalid-bytes = { $field } ocupa más de { $limit } bytes
errors-invalid-characters = { $field } tiene más de { $limit } caracteres
errors-back-to-form = Volver al formulario
errors-try-again = Volver a intentarlo
errors-log-in = Iniciar sesión
errors-to-books = Ir a tus libros
errors-to-accounts = Ir a las cuentas
errors-to-files = Ir a tus archivos
errors-to-highlights = Ir a tus subrayados
errors-to-device-passwords = Ir a tus contraseñas de dispositivo
errors-to-overview = Ir al resumen
errors-user-header = Ningún nombre de usuario válido
errors-user-header-text =
    El proxy que está delante de este servidor te nombra en la cabecera { $header }, pero { $fault ->
        [several] tiene varios valores
        [empty] está vacía
       *[unreadable] no es un nombre de 255 bytes como máximo en UTF-8
    }. El administrador del servidor debe configurar el proxy para que sustituya esta cabecera por un solo nombre.

activity-title = Pourquoi la synchronisation échoue-t-elle ?
activity-intro = Ce que vos appareils ont demandé et envoyé, et le résultat, du plus récent au plus ancien. Le serveur garde les 200 dernières requêtes, en mémoire seulement, depuis son démarrage : <time datetime="{ $datetime }" title="{ $exact }">{ $started }</time>.
activity-none = Depuis, aucun appareil n’a rien demandé ni envoyé. Ouvrez un livre dans KOReader, tournez une page et choisissez « Transmettre la progression depuis cet appareil maintenant ». Si rien n’apparaît alors ici, l’appareil n’atteint pas ce serveur ou utilise un autre compte. L’adresse du serveur est :
activity-put-back = Rétablir
activity-show-book = Voir le livre
activity-join = C’est le même livre
activity-show-other = Voir l’autre livre
activity-missing-heading = S’il manque une requête ici
activity-missing = Ce qui n’est pas sur cette page n’a pas atteint le serveur sous ce compte : pas de Wi-Fi, une autre adresse ou un autre compte. KOReader garde quatre semaines une position qu’il n’a pas pu envoyer, et l’envoie plus tard.
activity-stayed-heading = Si un appareil a reçu une position et n’y est pas allé
activity-stayed = KOReader ne va de lui-même à une position, ou ne le propose, que s’il l’a demandée automatiquement, et seulement si elle est plus récente que la dernière page tournée sur l’appareil. « Recevoir la progression depuis d’autres appareils maintenant » y va sans rien demander.

activity-device-unnamed = (sans nom)
activity-device-inferred = { $device } (d’après son adresse)
activity-device =
    { $address ->
        [none] Un appareil
       *[other] Un appareil à l’adresse { $address }
    }
activity-device-agent =
    { $address ->
        [none] Un appareil ({ $agent })
       *[other] Un appareil à l’adresse { $address } ({ $agent })
    }
activity-a-book = un livre

activity-pushed = { $device } a envoyé { $percent } pour { $book }.
activity-pushed-queue = { $device } a envoyé en quelques secondes { $count } positions pour { $book }, comme le fait un appareil qui n’avait pas pu atteindre le serveur ; la dernière est { $percent }.
activity-pushed-several = { $device } a envoyé { $count } positions pour { $book } { $since } ; la dernière est { $percent }.
activity-effect-moved = C’est devenu la position actuelle.
activity-effect-held-repeat = C’est déjà la position actuelle, que cet appareil avait envoyée auparavant.
activity-effect-repeat = Il y était déjà. Un appareil sur lequel on n’a pas avancé ne prend la place d’aucun autre.
activity-effect-opened = C’est le début, comme l’envoie un appareil sur lequel on ouvre un livre pour la première fois.
activity-effect-echo = Il avait reçu cet endroit d’un autre appareil, et n’en a pas bougé.
activity-effect-queue = C’est avant ce qu’un autre appareil avait atteint.
activity-effect-not-further = Ce n’est pas plus loin. Selon la règle de ce compte, la position la plus avancée est la position actuelle.
activity-effect-landed-elsewhere = L’endroit vient d’un autre fichier de ce livre, et menait ailleurs dans ce fichier.
activity-into-history = La position est dans l’historique du livre.
activity-started-over = Le livre a été recommencé : il n’y a pas de position actuelle tant qu’aucun appareil n’a repris la lecture.
activity-still = La position actuelle reste celle de { $device }, { $percent }.
activity-still-restored = La position actuelle reste celle qui a été rétablie, { $percent }.

activity-push-refused = { $device } a envoyé une position pour { $book }, qui a été refusée :
activity-push-refused-unnamed = { $device } a envoyé une position, qui a été refusée :
activity-pull-refused = { $device } a demandé une position pour { $book } et n’a pas eu de réponse :
activity-reason-number = son champ « { $field } » manque ou n’est pas un nombre (403).
activity-reason-id = son champ « { $field } » manque, n’est pas un texte, est vide ou contient un deux-points ou des octets qui ne sont pas de l’UTF-8 (403).
activity-reason-list = sa liste « { $field } » doit compter de 1 à 8 entrées dans la forme du protocole, aucun type en double et une dont la valeur est l’identifiant du livre (403).
activity-reason-field = son champ « { $field } » manque ou n’est pas un texte (403).
activity-reason-long-field = son champ « { $field } » est trop long (403).
activity-reason-invalid = elle enfreint une règle du protocole (403).
activity-reason-not-json = son contenu n’est pas un objet JSON (400).
activity-reason-too-large = son contenu dépasse { $count } octets (413).
activity-reason-too-slow = son contenu n’est pas arrivé à temps (408).
activity-reason-busy = le serveur était trop occupé (503).
activity-reason-no-space = le disque du serveur est plein (507).
activity-reason-disk-write = le serveur n’a pas pu écrire sur son disque (503).
activity-reason-data-directory = le répertoire de données du serveur a été supprimé ou remplacé (503).
activity-reason-documents = le compte a autant de livres qu’il peut en avoir (507).
activity-reason-bytes = les positions du compte occupent toute la place qui leur est accordée (507).
activity-reason-free-disk = il reste peu de place sur le disque du serveur (507).
activity-reason-failed = une erreur est survenue sur le serveur (502) ; son journal en donne la raison.
activity-next-makers = Elle sera encore refusée : signalez-le aux auteurs du programme de lecture.
activity-next-delete = Supprimez quelques livres, ou demandez à l’administrateur une limite plus élevée.
activity-next-until = KOReader garde la position et l’enverra de nouveau ; d’ici là, elle n’est pas enregistrée.
activity-next-again = KOReader garde la position et l’enverra de nouveau.
activity-next-asks = L’appareil demandera de nouveau.

activity-got = { $device } a demandé une position pour { $book } et a reçu celle de { $other }, { $percent }, atteinte { $when }.
activity-got-restored = { $device } a demandé une position pour { $book } et a reçu celle qui a été rétablie, { $percent }, atteinte { $when }.
activity-same = { $device } a demandé une position pour { $book } et a reçu la même qu’avant, celle de { $other }, { $percent }, atteinte { $when }. Depuis, aucun appareil n’en a envoyé de plus récente.
activity-same-restored = { $device } a demandé une position pour { $book } et a reçu la même qu’avant, celle qui a été rétablie, { $percent }, atteinte { $when }. Depuis, aucun appareil n’en a envoyé de plus récente.
activity-own = { $device } a demandé une position pour { $book } et a reçu celle qu’il avait envoyée lui-même, { $percent }, atteinte { $when }. KOReader affiche alors « La progression la plus récente provient de cet appareil ».
activity-own-twin = Un appareil du même nom et du même identifiant envoie aussi depuis { $address }. Si c’est un autre appareil, ses réglages ont été copiés : donnez à l’un des deux un nouvel identifiant, comme l’explique la page « Troubleshooting » de la documentation.
activity-own-only = Aucun autre appareil n’en a envoyé de plus récente sous cet identifiant. Si l’un d’eux aurait dû le faire : son envoi est-il sur cette page, et sous le même identifiant ?
activity-unknown = { $device } a demandé une position pour { $book } ; aucune n’est connue sous cet identifiant.
activity-unknown-invalid = { $device } a demandé une position pour un livre dont l’identifiant est trop long ou contient un deux-points ; aucune n’est connue sous cet identifiant.
activity-unknown-then = { $device } a demandé une position pour { $book } ; aucune n’était alors connue sous cet identifiant. Maintenant, il y a { $title }.
activity-unknown-started-over = { $device } a demandé une position pour { $book }.
activity-unknown-joined = { $device } a demandé une position pour { $book } et n’en a reçu aucune. Ce fichier est réuni avec { $title }. S’il n’en reçoit toujours pas, les emplacements des autres fichiers mènent ailleurs dans celui-ci : lisez-en quelques pages sur l’appareil, et il recevra des positions.
activity-candidate = Votre appareil { $device } a envoyé { $id } { $when }. Si c’est le même livre, les fichiers diffèrent.
activity-candidate-titled = Votre appareil { $device } a envoyé { $title } sous { $id } { $when }. Si c’est le même livre, les fichiers diffèrent.
activity-no-candidate = Aucun autre appareil n’a envoyé de position d’un autre livre la veille.

activity-login = { $device } s’est connecté.
activity-login-wrong-password =
    { $address ->
        [none] Une connexion a échoué : le mot de passe était incorrect (401). Si c’était un appareil, connectez-vous de nouveau dessus : KOReader abandonne une position ainsi refusée.
       *[other] Une connexion depuis { $address } a échoué : le mot de passe était incorrect (401). Si c’était un appareil, connectez-vous de nouveau dessus : KOReader abandonne une position ainsi refusée.
    }
activity-login-disabled =
    { $address ->
        [none] Une connexion a échoué : le compte était désactivé (401).
       *[other] Une connexion depuis { $address } a échoué : le compte était désactivé (401).
    }
activity-login-too-many =
    { $address ->
        [none] Une connexion a été refusée sans vérifier le mot de passe, parce que trop d’autres avaient échoué avant (429). Cherchez l’appareil qui a encore un ancien mot de passe.
       *[other] Une connexion depuis { $address } a été refusée sans vérifier le mot de passe, parce que trop d’autres avaient échoué avant (429). Cherchez l’appareil qui a encore un ancien mot de passe.
    }
activity-login-busy =
    { $address ->
        [none] Une connexion a été refusée : le serveur était trop occupé (503). Les appareils réessaient.
       *[other] Une connexion depuis { $address } a été refusée : le serveur était trop occupé (503). Les appareils réessaient.
    }
activity-login-other-name =
    { $address ->
        [none] Un programme a tenté de se connecter sous le nom de { $name }, et ce compte n’existe pas (401) : le vôtre s’appelle { $account }. Les majuscules et les minuscules sont distinguées. Saisissez le nom sur cet appareil tel qu’il est ici.
       *[other] Un programme à l’adresse { $address } a tenté de se connecter sous le nom de { $name }, et ce compte n’existe pas (401) : le vôtre s’appelle { $account }. Les majuscules et les minuscules sont distinguées. Saisissez le nom sur cet appareil tel qu’il est ici.
    }
activity-times = ({ $count } fois { $since }.)

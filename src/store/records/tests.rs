use super::*;

#[test]
fn records_of_older_versions_still_open() {
    let user: UserRecord = serde_json::from_str(r#"{"id":7,"key":"$argon2id$x","active":true}"#).expect("user");
    assert_eq!((user.id, user.administrator, user.documents, user.created), (UserId(7), false, 0, 0));
    assert_eq!(user.last_used, 0);

    let position = r#"{"progress":"p","percentage":0.5,"device":"d","timestamp":9}"#;
    let progress = format!(r#"{{"position":{position},"sequence":3}}"#);
    let progress: ProgressRecord = serde_json::from_str(&progress).expect("progress");
    assert_eq!((progress.sequence, progress.entries, progress.position.timestamp), (3, 0, 9));
    assert_eq!(progress.bytes, None);

    let log = format!(r#"{{"user":1,"document":"b","position":{position}}}"#);
    let log: LogRecord = serde_json::from_str(&log).expect("log");
    assert_eq!((log.document.as_str(), log.previous, log.pushes), ("b", None, 1));

    let chosen: RemoteUserRecord = serde_json::from_str(r#"{"user":2,"name":"ada"}"#).expect("a choice");
    assert_eq!((chosen.user, chosen.name.as_str(), chosen.key), (UserId(2), "ada", None));

    let document: DocumentRecord = serde_json::from_str("{}").expect("document");
    assert_eq!(document, DocumentRecord::default());
}

//! Sessions: how long they hold, what ends them, and what the disk tells of them.

use super::*;

#[tokio::test]
async fn a_session_holds_30_days_and_not_a_second_longer() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let token = fixture.session(&ada).await;
    fixture.pass(10);
    let later = fixture.session(&grace).await;
    fixture.pass(30 * DAY - 11);
    assert_eq!(fixture.store.session(&token).expect("read"), Some(fixture.again(&ada)));
    fixture.pass(1);
    assert_eq!(fixture.whose(&token), None);
    assert_eq!(fixture.whose(&later), Some(grace.id));
}

/// By whom and in whatever way it is changed.
#[tokio::test]
async fn another_key_ends_all_sessions_of_its_account() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let other = fixture.session(&grace).await;
    for way in 0..3 {
        let before = fixture.again(&ada);
        let tokens = [fixture.session(&before).await, fixture.session(&before).await];
        assert!(tokens.iter().all(|token| fixture.whose(token) == Some(ada.id)));
        let key = StoredKey(format!("new {way}"));
        match way {
            0 => assert_eq!(fixture.store.set_key(before.clone(), key).await.expect("set"), UpdateOutcome::Applied),
            1 => assert_eq!(fixture.change(Authority::Local, &ada, Change::SetKey(key)).await, AccountOutcome::Done),
            _ => fixture.store.set_administrator(ada.name.clone(), key).expect("set"),
        }
        assert!(tokens.iter().all(|token| fixture.whose(token).is_none()), "way {way}");
        assert_eq!(fixture.store.open_session(before).await.expect("an answer"), None, "the key is another");
    }
    assert_eq!(fixture.whose(&other), Some(grace.id));
}

#[tokio::test]
async fn a_session_ends_with_its_account() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let token = fixture.session(&ada).await;
    assert_eq!(fixture.delete(&ada).await, AccountOutcome::Done);
    assert_eq!(fixture.whose(&token), None);
    assert_eq!(fixture.session_hashes().len(), 0, "nothing of it is left");
    assert_eq!(fixture.store.open_session(ada.clone()).await.expect("an answer"), None);

    // Of the same name and with the same key, but another account.
    let again = fixture.user("ada").await;
    assert_eq!(fixture.whose(&token), None);
    assert_eq!(fixture.whose(&fixture.session(&again).await), Some(again.id));
}

/// Even if its row were left behind: a session is that of a number, not of a name.
#[tokio::test]
async fn a_session_is_of_one_account_and_not_of_a_name() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let token = fixture.session(&ada).await;
    // As a process without sessions would delete the account.
    let Inner { env, tables, .. } = &*fixture.store.inner;
    let mut txn = env.write_txn().expect("txn");
    tables.users.delete(&mut txn, "ada").expect("delete");
    txn.commit().expect("commit");
    let again = fixture.user("ada").await;
    assert!(again.id != ada.id && again.key == ada.key);
    assert_eq!(fixture.whose(&token), None);
}

#[tokio::test]
async fn who_is_switched_off_has_no_session() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let token = fixture.session(&ada).await;
    let off = Change::SetActive(Some(false));
    assert_eq!(fixture.change(Authority::Local, &ada, off).await, AccountOutcome::SwitchedOff);
    assert_eq!(fixture.whose(&token), None);
    assert_eq!(fixture.store.open_session(fixture.again(&ada)).await.expect("an answer"), None);
    // Nor does what was open before open again.
    let on = Change::SetActive(Some(true));
    assert_eq!(fixture.change(Authority::Local, &ada, on).await, AccountOutcome::SwitchedOn);
    assert_eq!(fixture.whose(&token), None);
}

#[tokio::test]
async fn logging_out_ends_that_session_alone() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let (gone, stays, other) =
        (fixture.session(&ada).await, fixture.session(&ada).await, fixture.session(&grace).await);
    fixture.store.close_session(gone.clone()).await.expect("closed");
    let left = [&gone, &stays, &other].map(|token| fixture.whose(token));
    assert_eq!(left, [None, Some(ada.id), Some(grace.id)]);
    // One that is over already is no failure.
    fixture.store.close_session(gone).await.expect("closed");
}

#[tokio::test]
async fn an_account_has_at_most_32_sessions_and_the_oldest_goes() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let other = fixture.session(&grace).await;
    let mut tokens = Vec::new();
    for _ in 0..40 {
        fixture.pass(1);
        tokens.push(fixture.session(&ada).await);
    }
    let hold: Vec<bool> = tokens.iter().map(|token| fixture.whose(token).is_some()).collect();
    assert_eq!(hold, [[false; 8].as_slice(), &[true; 32]].concat());
    assert_eq!(fixture.whose(&other), Some(grace.id), "another account's are not counted");
    assert_eq!(fixture.session_hashes().len(), 33, "what is over is gone");
}

/// They take no place of one that holds, and no room for ever.
#[tokio::test]
async fn sessions_that_are_over_are_cleared_when_one_is_opened() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    fixture.session(&ada).await;
    fixture.pass(30 * DAY);
    fixture.session(&ada).await;
    assert_eq!(fixture.session_hashes().len(), 1);
    assert_eq!(fixture.store.set_key(ada.clone(), StoredKey("new".into())).await.expect("set"), UpdateOutcome::Applied);
    let last = fixture.session(&fixture.again(&ada)).await;
    assert_eq!(fixture.session_hashes().len(), 1);
    assert_eq!(fixture.whose(&last), Some(ada.id));
}

/// The number of an account, and the secret, of a token as it is written.
fn token_bytes(token: &SessionToken) -> Vec<u8> {
    use base64ct::Encoding as _;
    base64ct::Base64UrlUnpadded::decode_vec(&token.to_text()).expect("base64")
}

#[tokio::test]
async fn who_reads_the_data_file_finds_no_secret_of_a_session() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let token = fixture.session(&ada).await;
    let (text, bytes) = (token.to_text(), token_bytes(&token));
    let secret = &bytes[4..];
    let hash = fixture.session_hashes().remove(0);
    let mut found = false;
    for file in fs::read_dir(fixture.dir.path()).expect("folder") {
        let data = fs::read(file.expect("file").path()).expect("read");
        let has = |part: &[u8]| data.windows(part.len()).any(|window| window == part);
        assert!(!has(secret) && !has(text.as_bytes()) && !has(&text.as_bytes()[6..]));
        found |= has(&hash);
    }
    assert!(found, "the files are those in which the session is");
    assert_eq!(format!("{token:?}"), "SessionToken(..)");
}

#[tokio::test]
async fn only_what_was_given_out_is_a_session() {
    use base64ct::Encoding as _;
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let token = fixture.session(&ada).await;
    let text = token.to_text();
    assert_eq!(SessionToken::from_text(&text), Some(token.clone()));
    let end = text.len();
    let (long, padded, blank) = (format!("{text}AAAA"), format!("{text}="), format!(" {text}"));
    let other_alphabet = format!("{}+/", &text[..end - 2]);
    let long_letters = "ä".repeat(24);
    for bad in
        ["", "A", "garbage", &text[..end - 1], &text[..end - 4], &text[..4], &long, &padded, &blank, &other_alphabet]
    {
        assert_eq!(SessionToken::from_text(bad), None, "{bad:?}");
    }
    assert_eq!(SessionToken::from_text(&long_letters), None);

    // What has the form lock_for_open opens nothing: another secret, or this one as somebody else's.
    let mut other_secret = token_bytes(&token);
    other_secret[35] ^= 1;
    let as_grace = [&grace.id.get().to_be_bytes()[..], &token_bytes(&token)[4..]].concat();
    for bytes in [other_secret, as_grace] {
        let text = base64ct::Base64UrlUnpadded::encode_string(&bytes);
        let token = SessionToken::from_text(&text).expect("the form of a token");
        assert_eq!(fixture.whose(&token), None);
    }
    assert!(token != fixture.session(&ada).await);
}

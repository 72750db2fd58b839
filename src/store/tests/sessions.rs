//! Sessions: how long they last, what ends them, and what the disk reveals of them.

use super::*;

#[tokio::test]
async fn a_session_lasts_30_days_and_not_a_second_longer() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let token = fixture.session(&ada).await;
    fixture.advance_clock(10);
    let later = fixture.session(&grace).await;
    fixture.advance_clock(30 * DAY - 11);
    assert_eq!(fixture.store.session(&token).expect("read"), Some(fixture.reload(&ada)));
    fixture.advance_clock(1);
    assert_eq!(fixture.session_owner(&token), None);
    assert_eq!(fixture.session_owner(&later), Some(grace.id));
}

/// However the key is changed.
#[tokio::test]
async fn a_new_key_ends_all_sessions_of_its_account() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let other = fixture.session(&grace).await;
    for way in 0..3 {
        let before = fixture.reload(&ada);
        let tokens = [fixture.session(&before).await, fixture.session(&before).await];
        assert!(tokens.iter().all(|token| fixture.session_owner(token) == Some(ada.id)));
        let key = StoredKey(format!("new {way}"));
        match way {
            0 => assert_eq!(fixture.store.set_key(before.clone(), key).await.expect("set"), UpdateOutcome::Applied),
            1 => assert_eq!(fixture.change(Authority::Local, &ada, Change::SetKey(key)).await, AccountOutcome::Done),
            _ => fixture.store.set_administrator(ada.name.clone(), key).expect("set"),
        }
        assert!(tokens.iter().all(|token| fixture.session_owner(token).is_none()), "way {way}");
        assert_eq!(fixture.store.open_session(before).await.expect("an outcome"), None, "the key has changed");
    }
    assert_eq!(fixture.session_owner(&other), Some(grace.id));
}

#[tokio::test]
async fn a_session_ends_with_its_account() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let token = fixture.session(&ada).await;
    assert_eq!(fixture.delete(&ada).await, AccountOutcome::Done);
    assert_eq!(fixture.session_owner(&token), None);
    assert_eq!(fixture.session_hashes().len(), 0, "no row is left");
    assert_eq!(fixture.store.open_session(ada.clone()).await.expect("an outcome"), None);

    // Another account, with the same name and key.
    let again = fixture.user("ada").await;
    assert_eq!(fixture.session_owner(&token), None);
    assert_eq!(fixture.session_owner(&fixture.session(&again).await), Some(again.id));
}

/// Even if its row were left behind: it has the account's number.
#[tokio::test]
async fn a_session_belongs_to_an_account_and_not_to_its_name() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let token = fixture.session(&ada).await;
    // As a version without sessions would delete the account.
    let Inner { env, tables, .. } = &*fixture.store.inner;
    let mut txn = env.write_txn().expect("txn");
    tables.users.delete(&mut txn, "ada").expect("delete");
    txn.commit().expect("commit");
    let again = fixture.user("ada").await;
    assert!(again.id != ada.id && again.key == ada.key);
    assert_eq!(fixture.session_owner(&token), None);
}

#[tokio::test]
async fn a_disabled_account_has_no_session() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let token = fixture.session(&ada).await;
    let off = Change::SetActive(Some(false));
    assert_eq!(fixture.change(Authority::Local, &ada, off).await, AccountOutcome::Disabled);
    assert_eq!(fixture.session_owner(&token), None);
    assert_eq!(fixture.store.open_session(fixture.reload(&ada)).await.expect("an outcome"), None);
    // Enabling the account does not revive its sessions.
    let on = Change::SetActive(Some(true));
    assert_eq!(fixture.change(Authority::Local, &ada, on).await, AccountOutcome::Enabled);
    assert_eq!(fixture.session_owner(&token), None);
}

#[tokio::test]
async fn logging_out_ends_only_that_session() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let (closed, stays, other) =
        (fixture.session(&ada).await, fixture.session(&ada).await, fixture.session(&grace).await);
    fixture.store.close_session(closed.clone()).await.expect("closed");
    let left = [&closed, &stays, &other].map(|token| fixture.session_owner(token));
    assert_eq!(left, [None, Some(ada.id), Some(grace.id)]);
    // Closing it again is no error.
    fixture.store.close_session(closed).await.expect("closed");
}

#[tokio::test]
async fn an_account_has_at_most_32_sessions_and_the_oldest_ends() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let other = fixture.session(&grace).await;
    let mut tokens = Vec::new();
    for _ in 0..40 {
        fixture.advance_clock(1);
        tokens.push(fixture.session(&ada).await);
    }
    let valid: Vec<bool> = tokens.iter().map(|token| fixture.session_owner(token).is_some()).collect();
    assert_eq!(valid, [[false; 8].as_slice(), &[true; 32]].concat());
    assert_eq!(fixture.session_owner(&other), Some(grace.id), "sessions of another account do not count");
    assert_eq!(fixture.session_hashes().len(), 33, "ended sessions leave no row");
}

/// They count against no limit and leave no row for ever.
#[tokio::test]
async fn sessions_that_are_over_are_removed_when_one_is_opened() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    fixture.session(&ada).await;
    fixture.advance_clock(30 * DAY);
    fixture.session(&ada).await;
    assert_eq!(fixture.session_hashes().len(), 1);
    assert_eq!(fixture.store.set_key(ada.clone(), StoredKey("new".into())).await.expect("set"), UpdateOutcome::Applied);
    let last = fixture.session(&fixture.reload(&ada)).await;
    assert_eq!(fixture.session_hashes().len(), 1);
    assert_eq!(fixture.session_owner(&last), Some(ada.id));
}

/// Returns the bytes of a token: the account's number and the secret.
fn token_bytes(token: &SessionToken) -> Vec<u8> {
    use base64ct::Encoding as _;
    base64ct::Base64UrlUnpadded::decode_vec(&token.to_text()).expect("base64")
}

#[tokio::test]
async fn the_data_file_does_not_reveal_a_session_s_secret() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let token = fixture.session(&ada).await;
    let (text, bytes) = (token.to_text(), token_bytes(&token));
    let secret = &bytes[4..];
    let hash = fixture.session_hashes().remove(0);
    let mut found = false;
    for file in fs::read_dir(fixture.dir.path()).expect("directory") {
        let data = fs::read(file.expect("file").path()).expect("read");
        let has = |part: &[u8]| data.windows(part.len()).any(|window| window == part);
        assert!(!has(secret) && !has(text.as_bytes()) && !has(&text.as_bytes()[6..]));
        found |= has(&hash);
    }
    assert!(found, "the session is in these files");
    assert_eq!(format!("{token:?}"), "SessionToken(..)");
}

#[tokio::test]
async fn only_a_token_that_was_issued_is_a_session() {
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

    // Well-formed tokens: with another secret, and with this secret for another account.
    let mut other_secret = token_bytes(&token);
    other_secret[35] ^= 1;
    let as_grace = [&grace.id.get().to_be_bytes()[..], &token_bytes(&token)[4..]].concat();
    for bytes in [other_secret, as_grace] {
        let text = base64ct::Base64UrlUnpadded::encode_string(&bytes);
        let token = SessionToken::from_text(&text).expect("well-formed");
        assert_eq!(fixture.session_owner(&token), None);
    }
    assert!(token != fixture.session(&ada).await);
}

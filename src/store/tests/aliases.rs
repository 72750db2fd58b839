//! Aliases that are documents, too [I5].

use super::*;
use crate::store::ShadowedAliases;

/// Suggestions read them slice by slice.
#[tokio::test]
async fn i5_aliases_that_documents_shadow_are_found_slice_by_slice() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let grace = fixture.user("grace").await;
    for user in [&ada, &grace] {
        fixture.push_identified(user, "a", "1", "m:a,n:b,o:c,p:d,q:e").await;
    }
    for id in ["b", "d", "e", "f"] {
        fixture.push(&ada, id, "1").await.expect("push");
    }
    for max in 1..7 {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let ShadowedAliases { found: slice, last } =
                fixture.store.shadowed_aliases_slice(ada.id, after.as_ref(), max).expect("read");
            assert!(slice.len() <= max);
            found.extend(slice.into_iter().map(|(value, target)| format!("{value} of {target}")));
            let Some(last) = last else { break };
            after = Some(last);
        }
        assert_eq!(found, ["b of a", "d of a", "e of a"], "{max}");
        assert_eq!(fixture.store.shadowed_aliases_slice(grace.id, None, max).expect("read").found, []);
    }
}

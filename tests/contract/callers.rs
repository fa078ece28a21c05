//! Promises about receipts and tokens: a retry writes nothing twice, and a token is kept as its hash alone.

use crate::acts::*;
use crate::ground::Ground;
use crate::samples::shelter;
use bihu::domain::{DivisionCode, Proposal, Revision, Role};
use bihu::store::{Batch, Receipt, ReceiptKey, StoreError, TokenRecord};
use chrono::TimeDelta;

fn with_key(key: &str, fingerprint: &str, proposals: Vec<Proposal>) -> Batch {
    let receipt = ReceiptKey { key: key.to_owned(), fingerprint: fingerprint.to_owned() };
    Batch { receipt: Some(receipt), ..batch(proposals) }
}

/// The receipt of a finished request names its revisions, for any later process.
pub async fn a_receipt_is_kept_with_the_commit(ground: &Ground) {
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("first"))]).await;
    assert_eq!(store.receipt("钥匙 '1'").await.expect("receipts read"), None);
    let request = with_key("钥匙 '1'", "f1", vec![create(shelter("a")), create(shelter("b"))]);
    store.commit(&request, &|_| {}).await.expect("the batch is accepted");
    let kept = Receipt { fingerprint: "f1".to_owned(), first: Revision(2), last: Revision(3) };
    assert_eq!(ground.open().await.receipt("钥匙 '1'").await.expect("receipts read"), Some(kept));
}

/// A key serves once, for the same request and for another.
pub async fn a_used_key_writes_nothing(ground: &Ground) {
    let store = ground.open().await;
    store.commit(&with_key("k", "f1", vec![create(shelter("a"))]), &|_| {}).await.expect("the batch is accepted");
    for fingerprint in ["f1", "f2"] {
        let refusal = refuse(&*store, &with_key("k", fingerprint, vec![create(shelter("b"))])).await;
        assert!(matches!(&refusal, StoreError::ReceiptTaken { key } if key == "k"), "{refusal}");
    }
    let kept = store.receipt("k").await.expect("receipts read").expect("the receipt is there");
    assert_eq!((kept.fingerprint.as_str(), kept.last), ("f1", Revision(1)));
}

/// A refused request leaves its key free for the next try.
pub async fn a_refused_request_leaves_no_receipt(ground: &Ground) {
    let store = ground.open().await;
    commit_all(&*store, vec![create(shelter("a"))]).await;
    refuse(&*store, &with_key("k", "f", vec![create(shelter("b")), create(shelter("a"))])).await;
    store.commit(&with_key("k", "f", vec![create(shelter("b"))]), &|_| {}).await.expect("the key is free");
}

/// The same request sent twice at the same moment is carried out once; the loser finds the winner's receipt.
pub async fn racing_twins_write_once(ground: &Ground) {
    let stores = [ground.open().await, ground.open().await];
    for i in 0..10 {
        let request = with_key(&format!("k{i}"), "f", vec![create(shelter(&i.to_string()))]);
        let twins = futures::future::join(stores[0].commit(&request, &|_| {}), stores[1].commit(&request, &|_| {}));
        let (one, two) = twins.await;
        let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
        let won = won.expect("one of them is accepted");
        assert!(matches!(lost, Err(StoreError::ReceiptTaken { .. })), "{lost:?}");
        let kept = stores[1].receipt(&format!("k{i}")).await.expect("receipts read").expect("the receipt is there");
        assert_eq!((kept.fingerprint.as_str(), kept.last), ("f", won.revisions.all));
    }
    assert_eq!(journal(&*stores[0]).await.len(), 10);
}

fn token(id: &str, minutes: i64) -> TokenRecord {
    TokenRecord {
        id: id.to_owned(),
        hash: id.repeat(64),
        name: "试验 '令牌'".to_owned(),
        role: Role::Dispatcher,
        scope: Some(DivisionCode::parse("310117").expect("a code")),
        created_at: noon() + TimeDelta::minutes(minutes),
        expires_at: Some(noon() + TimeDelta::microseconds(1)),
        revoked_at: None,
        created_by: Some("王小明".to_owned()),
    }
}

/// A token is made, found, listed by age and taken back; taking it back twice keeps the first time.
pub async fn a_token_lives_until_it_is_taken_back(ground: &Ground) {
    let store = ground.open().await;
    let (old, young) =
        (token("b", 0), TokenRecord { scope: None, expires_at: None, created_by: None, ..token("a", 5) });
    store.add_token(&young).await.expect("it is kept");
    store.add_token(&old).await.expect("it is kept");
    assert!(store.add_token(&old).await.is_err(), "a token is made once");
    let other = ground.open().await;
    assert_eq!(other.tokens().await.expect("tokens read"), [old.clone(), young.clone()]);
    assert_eq!(other.find_token(&old.hash).await.expect("tokens read"), Some(old.clone()));
    assert_eq!(other.find_token(&"c".repeat(64)).await.expect("tokens read"), None);
    let then = noon() + TimeDelta::hours(1);
    assert!(store.revoke_token("b", then).await.expect("it is taken back"));
    assert!(store.revoke_token("b", then + TimeDelta::hours(1)).await.expect("it stays so"));
    assert!(!store.revoke_token("c", then).await.expect("there is none"));
    let revoked = TokenRecord { revoked_at: Some(then), ..old };
    assert_eq!(other.find_token(&revoked.hash).await.expect("tokens read"), Some(revoked));
    assert_eq!(other.find_token(&young.hash).await.expect("tokens read"), Some(young), "the other one stays");
}

/// Every role can be kept and read back.
pub async fn every_role_can_be_kept(ground: &Ground) {
    let store = ground.open().await;
    for (i, role) in Role::ALL.iter().enumerate() {
        let id = char::from_digit(i as u32, 10).expect("a digit").to_string();
        let record = TokenRecord { role: *role, ..token(&id, 0) };
        store.add_token(&record).await.expect("it is kept");
        assert_eq!(store.find_token(&record.hash).await.expect("tokens read"), Some(record));
    }
}

//! Promises about addresses: what can not be opened is refused with the way out, and no password is repeated.

use bihu::store::{self, StoreError};

async fn refusal(url: &str) -> String {
    match store::open(url).await {
        Err(StoreError::Address(why)) => why,
        Err(other) => panic!("{url}: not an address error but {other:?}"),
        Ok(_) => panic!("{url} opens"),
    }
}

#[tokio::test]
async fn an_unknown_address_is_told_the_forms_that_work() {
    for url in ["", "bihu.db", "mysql://root:geheim@host/db", "sqlite:", "sqlite::memory:", "postgres:db"] {
        let why = refusal(url).await;
        assert!(why.contains("sqlite:PATH") && why.contains("postgres://"), "{why}");
        assert!(!why.contains("geheim"), "{why}");
    }
}

#[tokio::test]
async fn a_missing_folder_is_named() {
    let why = refusal("sqlite:/nowhere/at/all/bihu.db").await;
    assert!(why.contains("/nowhere/at/all") && why.contains("不存在"), "{why}");
}

#[tokio::test]
async fn a_file_of_another_kind_is_left_as_it_is() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let path = folder.path().join("letter.db");
    let letter = "this is a letter and not a database ".repeat(100);
    std::fs::write(&path, &letter).expect("the letter is written");
    let why = refusal(&format!("sqlite:{}", path.display())).await;
    assert!(why.contains("letter.db"), "{why}");
    assert_eq!(std::fs::read_to_string(&path).expect("the letter reads"), letter);
}

#[tokio::test]
async fn a_folder_is_not_a_store() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let why = refusal(&format!("sqlite:{}", folder.path().display())).await;
    assert!(why.contains("can not be written"), "{why}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_its_password() {
    let why = refusal("postgres://bihu:geheim@127.0.0.1:1/bihu").await;
    assert!(why.contains("127.0.0.1:1/bihu") && !why.contains("geheim"), "{why}");
}

#[tokio::test]
async fn a_path_with_odd_characters_is_taken_as_it_is() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let path = folder.path().join("庇护 %41?mode=ro#1.db");
    let store = store::open(&format!("sqlite:{}", path.display())).await.expect("the store opens");
    assert!(path.is_file());
    store.close().await;
}

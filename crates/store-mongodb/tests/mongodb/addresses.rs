//! What an address may say, what it may not, and that its password is never shown. Needs no server.

use countersign_store_mongodb::{MongoDbError, MongoDbOptions, MongoDbStore};

const PASSWORD: &str = "hunter2%40secret";

fn made(url: &str) -> Result<MongoDbStore, MongoDbError> {
    MongoDbStore::new(url, MongoDbOptions::default())
}

fn refused(url: &str) -> MongoDbError {
    match made(url) {
        Ok(store) => panic!("{url} was taken as {}", store.address()),
        Err(error) => error,
    }
}

#[test]
fn an_address_is_shown_without_user_password_and_options() {
    for (url, shown) in [
        (
            "mongodb://127.0.0.1:27017",
            "mongodb://127.0.0.1:27017/countersign",
        ),
        (
            "mongodb://me:hunter2%40secret@a.example:27017,b.example/auth?replicaSet=rs0&tls=true",
            "mongodb://a.example:27017,b.example/auth",
        ),
        (
            "mongodb+srv://me:hunter2%40secret@cluster0.example.mongodb.net/?retryWrites=true&w=majority&appName=Cluster0",
            "mongodb+srv://cluster0.example.mongodb.net/countersign",
        ),
    ] {
        let store = made(url).unwrap();
        assert_eq!(store.address(), shown);
        let debug = format!("{store:?}");
        assert!(
            !debug.contains("hunter2") && !debug.contains("me:"),
            "{debug}"
        );
    }
}

#[test]
fn options_that_weaken_a_promise_are_refused() {
    for option in [
        "w=0",
        "w=1",
        "W=2",
        "journal=false",
        "readPreference=secondary",
        "readPreference=primaryPreferred",
        "readConcernLevel=local",
        "retryWrites=false",
        "tlsInsecure=true",
        "tlsAllowInvalidCertificates=true",
        "tlsAllowInvalidHostnames=true",
        "maxStalenessSeconds=90",
        "wtimeoutMS=10",
        "maxPoolSize=1000",
        "connectTimeoutMS=1",
        "serverSelectionTimeoutMS=60000",
    ] {
        let url = format!("mongodb://me:{PASSWORD}@db.example/auth?{option}");
        let error = refused(&url);
        assert_eq!(error.code(), "store_address_weakens", "{option}");
        let text = format!("{error} {error:?}");
        let name = option.split('=').next().unwrap();
        assert!(text.contains(name), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
    for option in [
        "w=majority",
        "journal=true",
        "readPreference=primary",
        "retryWrites=true",
        "tlsInsecure=false",
    ] {
        made(&format!("mongodb://db.example/auth?{option}")).unwrap();
    }
}

#[test]
fn what_is_no_address_is_refused_without_being_quoted() {
    for url in [
        "",
        "mongodb:",
        "postgres://me:hunter2@db.example/auth",
        "mongodb://me:hunter2/x@db.example/auth",
        "mongodb://me:hunter2?x@db.example/auth",
        "mongodb://me:hunter2?w=1@db.example/auth",
        "mongodb://me:hunter2@db.example:port/auth",
        "mongodb://me:hunter2@/auth",
        "mongodb://me:hunter2@db.example/auth?unknownOption=hunter2",
        "mongodb://me:hunter2@db.example/with.dots",
        "mongodb://me:hunter2@db.example/admin",
        "mongodb://me:hunter2@db.example/auth?replicaSet",
    ] {
        let error = refused(url);
        let text = format!("{error} {error:?} {}", error.code());
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn a_file_of_authorities_that_can_not_be_used_is_refused() {
    let folder = tempfile::TempDir::new().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let nonsense = folder.path().join("nonsense.pem");
    std::fs::write(
        &nonsense,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    for file in [folder.path().join("missing.pem"), empty, nonsense] {
        let options = MongoDbOptions {
            ca_file: Some(file),
            ..MongoDbOptions::default()
        };
        let made = MongoDbStore::new("mongodb://db.example/auth?tls=true", options);
        assert_eq!(made.err().unwrap().code(), "store_ca_file");
    }
}

#[test]
fn one_member_alone_is_talked_to_on_this_machine_only() {
    let of = |host: &str| {
        let url = format!("mongodb://{host}/x?directConnection=true");
        MongoDbStore::new(&url, MongoDbOptions::default()).map(|_| ())
    };
    of("127.0.0.1:27017").unwrap();
    let error = of("db.example.com").unwrap_err();
    assert!(error.to_string().contains("directConnection"), "{error}");
}

//! There is always somebody who can administer the instance.

use crate::support::Instance;

#[test]
fn the_last_admin_is_not_deleted_disabled_or_demoted() {
    let instance = Instance::new();
    instance.user("ada", &["--admin", "--no-password"]);
    for command in [
        &["users", "delete", "ada", "--yes"][..],
        &["users", "disable", "ada"],
        &["revoke", "ada", "admin"],
    ] {
        let message = instance.run(command).fails_with(4);
        assert!(message.contains("last admin"), "{message}");
    }
    instance.user("bob", &["--admin", "--no-password"]);
    instance.run(&["revoke", "ada", "admin"]).ok();
    instance.run(&["users", "disable", "bob"]).fails_with(4);
}

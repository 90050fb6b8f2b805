//! The scripts, each one atomic step on one slot.
//!
//! 1. A script is called by its hash; a server that does not know it is given the source.
//! 2. A script reads and decides first and then writes. Redis refuses a write (no memory, a replica, a disk that failed)
//!    only if it is the first of a script, so none is ever half done.
//! 3. A script that may be repeated knows its own call again by the tag that it left.

use std::sync::LazyLock;

use redis::{Cmd, Value, cmd};

use super::error::Fault;
use super::link::Link;

pub(super) struct Script {
    source: &'static str,
    hash: LazyLock<String>,
}

macro_rules! scripts {
    ($($name:ident = $($file:literal)+;)*) => {$(
        pub(super) static $name: Script = Script {
            source: concat!($(include_str!($file)),+),
            hash: LazyLock::new(|| redis::Script::new($name.source).get_hash().to_owned()),
        };
    )*};
}

scripts! {
    INSERT = "lua/record.lua" "lua/insert.lua";
    SAVE = "lua/record.lua" "lua/save.lua";
    TOUCH = "lua/record.lua" "lua/touch.lua";
    DELETE = "lua/delete.lua";
    INDEX = "lua/index.lua";
    MARK = "lua/mark.lua";
    REMEMBER = "lua/remember.lua";
    LOCK = "lua/lock.lua";
    UNLOCK = "lua/unlock.lua";
}

impl Script {
    pub(super) async fn call<A: AsRef<[u8]> + Sync>(
        &self,
        link: &Link,
        keys: &[String],
        arguments: &[A],
    ) -> Result<Value, Fault> {
        match link.write(&command("EVALSHA", &self.hash, keys, arguments)).await {
            Err(Fault::NoScript) => {
                link.write(&command("EVAL", self.source, keys, arguments)).await
            }
            answer => answer,
        }
    }
}

fn command<A: AsRef<[u8]>>(name: &str, script: &str, keys: &[String], arguments: &[A]) -> Cmd {
    let mut command = cmd(name);
    command.arg(script).arg(keys.len());
    keys.iter().for_each(|key| {
        command.arg(key);
    });
    arguments.iter().for_each(|argument| {
        command.arg(argument.as_ref());
    });
    command
}

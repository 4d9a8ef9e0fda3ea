//! For comparison: the same cycle in PostgreSQL alone, with SKIP LOCKED, by its own pgbench.

use std::{path::PathBuf, process::Command};

use crate::servers::{await_port, free_port};

const TABLES: &str = "create table line (id bigserial primary key, lane int not null, state int not null default 0, agent int);
create index line_waiting on line (lane, id) where state = 0;
create unique index line_agent on line (agent) where state in (1, 2);
insert into line (lane) select n % 6 from generate_series(1, 10000) n;
vacuum analyze line;
";
/// Enqueue, offer, accept, finish.
const CYCLE: &str = "\\set lane random(0, 5)
\\set agent :client_id + 1
insert into line (lane) values (:lane);
update line set state = 1, agent = :agent where id = (select id from line where lane = :lane and state = 0 order by id for update skip locked limit 1);
update line set state = 2 where agent = :agent and state = 1;
update line set state = 3 where agent = :agent and state = 2;
";

/// Cycles a second at 50 clients; none when there is no PostgreSQL.
pub fn cycles() -> Option<f64> {
    let bin = std::fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(Result::ok).map(|entry| entry.path().join("bin")).max()?;
    if !bin.join("pgbench").exists() {
        return None;
    }
    let folder = std::env::temp_dir().join(format!("bench-queue-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("tables.sql"), TABLES).unwrap();
    std::fs::write(folder.join("cycle.sql"), CYCLE).unwrap();
    let done = Command::new("chown").args(["-R", "postgres:postgres"]).arg(&folder).status().unwrap();
    assert!(done.success(), "there is no user postgres");
    let port = free_port().to_string();
    let data = folder.join("data");
    run(&bin, "initdb", &["-D", data.to_str().unwrap(), "-U", "postgres", "--auth=trust", "--no-sync"]);
    let mut server = as_postgres(&bin, "postgres")
        .args(["-D", data.to_str().unwrap(), "-p", &port, "-c", "unix_socket_directories=", "-c", "fsync=off"])
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    await_port(port.parse().unwrap());
    std::thread::sleep(std::time::Duration::from_secs(1));
    let server_at = ["-h", "127.0.0.1", "-p", &port, "-U", "postgres"];
    run(&bin, "psql", &[&server_at[..], &["-q", "-f", folder.join("tables.sql").to_str().unwrap()]].concat());
    let script = folder.join("cycle.sql");
    let said = run(&bin, "pgbench", &[&server_at[..], &["-n", "-c", "50", "-j", "2", "-T", "6", "-f", script.to_str().unwrap(), "postgres"]].concat());
    let _ = Command::new("kill").args(["-INT", &server.id().to_string()]).status();
    let _ = server.wait();
    let _ = std::fs::remove_dir_all(&folder);
    said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok())
}

fn as_postgres(bin: &PathBuf, program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(bin.join(program)).current_dir("/tmp");
    command
}

fn run(bin: &PathBuf, program: &str, args: &[&str]) -> String {
    let done = as_postgres(bin, program).args(args).output().unwrap();
    assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

//! Fills a fresh server with a demo: two agents, a supervisor, opening hours for the coming days. Safe to repeat.

use serde::Serialize;

use super::{BootError, Engines, Settings, appointments};
use crate::{
    base::{Ambient, Pii},
    journey::queue::calendar::Calendar,
    registry::{
        outbox::{Hub, Relay},
        staff::{AddStaffError, NewStaff, Role, Staff},
    },
};

/// Somebody of the demo.
#[derive(Debug, Clone, Serialize)]
pub struct Seeded {
    /// Sign-in name.
    pub name: String,
    /// As shown to customers and colleagues.
    pub display_name: String,
    /// What they may do.
    pub roles: Vec<Role>,
    /// The password, told this once; none when they were there already.
    pub password: Option<String>,
}

const PEOPLE: [(&str, &str, Role); 3] = [("lan", "Lan Nguyễn", Role::Agent), ("mai", "Mai Trần", Role::Agent), ("huong", "Hương Lê", Role::Supervisor)];

/// Adds whoever is missing. With `new_passwords` those who are there get a new password too, and their sessions end.
///
/// # Errors
/// When the database does not take it.
pub async fn seed(settings: &Settings, engines: &Engines, new_passwords: bool) -> Result<Vec<Seeded>, BootError> {
    let staff = Staff::new(engines.db.clone(), engines.ambient.clone(), settings.staff.clone());
    let mut seeded = Vec::new();
    for (name, display_name, role) in PEOPLE {
        let password = one_time_password(&engines.ambient);
        let new = NewStaff {
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            password: Pii::new(password.clone()),
            roles: vec![role],
            languages: vec!["vi".to_owned(), "en".to_owned()],
        };
        let told = match staff.add(new).await {
            Ok(_) => Some(password),
            Err(AddStaffError::NameTaken) if new_passwords => {
                staff.set_password(name, &Pii::new(password.clone())).await.map_err(into_boot)?;
                Some(password)
            }
            Err(AddStaffError::NameTaken) => None,
            Err(error) => return Err(into_boot(error)),
        };
        seeded.push(Seeded { name: name.to_owned(), display_name: display_name.to_owned(), roles: vec![role], password: told });
    }
    put_on_roster(settings, engines, &staff).await?;
    Ok(seeded)
}

/// The agents of the demo are there on all coming days for which appointments are offered.
async fn put_on_roster(settings: &Settings, engines: &Engines, staff: &Staff) -> Result<(), BootError> {
    let is_agent_of_demo = |name: &str| PEOPLE.iter().any(|(demo, _, role)| *demo == name && *role == Role::Agent);
    let agents: Vec<_> = staff.list().await?.into_iter().filter(|member| is_agent_of_demo(&member.name)).map(|member| member.id).collect();
    let relay = Relay::new(engines.db.clone(), engines.ambient.clone(), Hub::default());
    appointments::bookings(settings, engines, relay, Calendar::new(settings.hours.clone()))
        .seed_demo_shifts(&agents, settings.booking.horizon_days + 1)
        .await?;
    Ok(())
}

fn into_boot(error: AddStaffError) -> BootError {
    match error {
        AddStaffError::Db(error) => error.into(),
        other => BootError::Io("the demo cannot be made".to_owned(), std::io::Error::other(other)),
    }
}

/// Sixteen letters and digits that cannot be mistaken for each other, almost 80 bits: `k7mq-2v9d-x4tb-ep3w`.
pub fn one_time_password(ambient: &Ambient) -> String {
    const LETTERS: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyz7";
    let letters: Vec<char> = ambient.bytes::<16>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// What the operator is shown.
pub fn as_text(seeded: &[Seeded]) -> String {
    let mut lines = vec!["Demo staff (passwords are shown this once):".to_owned()];
    for person in seeded {
        let roles = person.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ");
        let password = person.password.as_deref().unwrap_or("(there already; `visavis seed --new-passwords` makes a new one)");
        lines.push(format!("  {:<8} {:<12} {password}", person.name, roles));
    }
    lines.join("\n")
}

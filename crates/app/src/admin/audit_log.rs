//! Reading the audit log.

use countersign_domain::audit::AuditEvent;
use countersign_domain::page::{Page, PageRequest};

use crate::ports::store::AuditFilter;
use crate::{App, AppError};

impl App {
    /// A page of audit events in the order of time.
    pub async fn audit_events(
        &self,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditEvent>, AppError> {
        Ok(self.ports.store.audit_events(filter, page).await?)
    }
}

"""The service of papers in the window: only proof serves, each way asks for its own fields."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QLabel, QPushButton

from core.domain.documents import Document, DocumentKind, DocumentState
from core.domain.service_receipts import Receiver, ServiceMethod, ServiceState
from core.domain.visits import VisitState
from core.kernel.records import changed
from tests.ui.real import Office
from ui import i18n
from ui.documents.page import DocumentsPage
from ui.documents.service_panel import ServicePanel
from ui.widgets.form import ReasonLine
from ui.window import MainWindow

OFFICER = "zhangmin"


def a_notice(window: MainWindow) -> Document:
    session = window.desk.session
    visit = session.visits.list(state=VisitState.APPROVED)[0]
    return session.documents.issue(DocumentKind.INSPECTION_NOTICE, visit.id).value


def panel_of(window: MainWindow, document: Document) -> ServicePanel:
    window.show_page("documents", document.id)
    page = window.page("documents")
    assert isinstance(page, DocumentsPage)
    return page.register.panel.service


def choose(panel: ServicePanel, method: ServiceMethod) -> Any:
    panel.form.method.setCurrentIndex(panel.form.method.findData(method))
    return panel.form


def step(panel: ServicePanel, name: str) -> QPushButton:
    found = panel.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found


def state_of(window: MainWindow, document: Document) -> DocumentState:
    with window.desk.session.read_work() as work:
        return work.table(Document).get(document.id).state


def test_each_way_shows_what_it_wants_and_its_article(office: Office) -> None:
    with office.window(OFFICER) as window:
        panel = panel_of(window, a_notice(window))
        panel.serve_button.click()
        shown: dict[ServiceMethod, set[str]] = {}
        for method in ServiceMethod:
            form = choose(panel, method)
            shown[method] = {name for name, part in form.parts.items() if not part.isHidden()}
            assert "民事诉讼法" in form.article.text()
    assert shown[ServiceMethod.DIRECT] == {"at", "receiver", "receiver_name", "servers", "media"}
    assert shown[ServiceMethod.LEFT] == {"at", "place", "reason", "servers", "witness", "witness_post", "media"}
    assert shown[ServiceMethod.POST] == {"tracking_no", "place"}
    assert shown[ServiceMethod.ELECTRONIC] == {"address"}


def test_a_paper_is_not_served_without_its_proof(office: Office, tmp_path: Path) -> None:
    slip = tmp_path / "回证.png"
    slip.write_bytes(b"\x89PNG slip")
    with office.window(OFFICER) as window:
        notice = a_notice(window)
        panel = panel_of(window, notice)
        panel.serve_button.click()
        form = choose(panel, ServiceMethod.DIRECT)
        form.receiver.setCurrentIndex(form.receiver.findData(Receiver.AGENT))
        form.lines["receiver_name"].setText("王五")
        form.save_button.click()
        page: Any = window.page("documents")
        assert not page.fault_line.isHidden()
        assert state_of(window, notice) is DocumentState.DRAFT
        form.take_files([slip])
        form.save_button.click()
        assert state_of(window, notice) is DocumentState.SERVED
        receipt = window.desk.session.service.of_document(notice.id)[-1]
        assert panel.ways.isHidden()
        assert panel.area.isHidden()
    assert receipt.state is ServiceState.PROVEN
    assert len(receipt.act.media) == 1


def test_a_refusal_leads_to_leaving_it_with_a_witness_and_to_its_receipt(office: Office) -> None:
    with office.window(OFFICER) as window:
        notice = a_notice(window)
        panel = panel_of(window, notice)
        panel.refused_button.click()
        reason = panel.findChild(ReasonLine)
        assert isinstance(reason, ReasonLine)
        reason.words.setText("负责人拒收")
        reason.confirm_button.click()
        assert state_of(window, notice) is DocumentState.DRAFT
        panel.serve_button.click()
        form = choose(panel, ServiceMethod.LEFT)
        for name, words in (("place", "门前"), ("reason", "拒收"), ("witness", "刘六"), ("witness_post", "某居委会")):
            form.lines[name].setText(words)
        form.save_button.click()
        assert state_of(window, notice) is DocumentState.SERVED
        papers = window.desk.session.documents.of_visit(notice.visit)
        step(panel, "ui.service.paper").click()
        after = window.desk.session.documents.of_visit(notice.visit)
    assert [one.kind for one in after[len(papers) :]] == [DocumentKind.SERVICE_RECEIPT]


def test_a_letter_is_under_way_until_its_slip_comes_or_it_comes_back(office: Office) -> None:
    with office.window(OFFICER) as window:
        notice = a_notice(window)
        panel = panel_of(window, notice)
        panel.serve_button.click()
        form = choose(panel, ServiceMethod.POST)
        form.lines["tracking_no"].setText("XA1")
        form.lines["place"].setText("示例路1号")
        form.save_button.click()
        (sent,) = window.desk.session.service.of_document(notice.id)
        assert (sent.state, state_of(window, notice)) == (ServiceState.UNDER_WAY, DocumentState.DRAFT)
        step(panel, "ui.service.prove").click()
        assert not panel.form.method.isEnabled()
        assert panel.form.lines["tracking_no"].text() == "XA1"
        panel.form.cancel_button.click()
        step(panel, "ui.service.returned").click()
        reason = panel.findChild(ReasonLine)
        assert isinstance(reason, ReasonLine)
        reason.words.setText("查无此人")
        reason.confirm_button.click()
        (back,) = window.desk.session.service.of_document(notice.id)
    assert back.state is ServiceState.RETURNED


def test_without_a_signed_consent_there_is_no_electronic_service(office: Office) -> None:
    with office.window(OFFICER) as window:
        notice = a_notice(window)
        panel = panel_of(window, notice)
        panel.serve_button.click()
        form = choose(panel, ServiceMethod.ELECTRONIC)
        form.lines["address"].setText("a@example.com")
        form.save_button.click()
        page: Any = window.page("documents")
        told = page.fault_line.what.text()
        assert not page.fault_line.isHidden()
    assert "第六十一条第二款" in told


def test_an_internal_paper_offers_no_service(office: Office) -> None:
    with office.window(OFFICER) as window:
        session = window.desk.session
        visit = session.visits.list(state=VisitState.ARCHIVED)[0]
        index = {"index": (("1", "笔录", "", "", ""),)}
        cover = session.documents.issue(DocumentKind.COVER_SHEET, visit.id, entered=index).value
        assert panel_of(window, cover).isHidden()


def test_the_deadlines_of_a_paper_stand_beside_it_and_run_from_its_service(office: Office) -> None:
    with office.window(OFFICER) as window:
        session = window.desk.session
        visit = next(one for one in session.visits.list() if session.findings.of_visit(one.id))
        notice = session.documents.issue(DocumentKind.INSPECTION_NOTICE, visit.id).value
        with session.open_work() as work:
            penalty = changed(notice, id="d-p", kind=DocumentKind.SUMMARY_PENALTY, number_use="")
            work.table(Document).put(penalty)
        window.show_page("documents", penalty.id)
        page: Any = window.page("documents")
        beside = [one.text() for one in page.register.panel.deadlines.findChildren(QLabel)]
        window.show_page("documents", notice.id)
        of_notice = page.register.panel.deadlines.isHidden()
        i18n.set_lang("en")
        page.register.panel.deadlines.show_document(penalty)
        in_english = [one.text() for one in page.register.panel.deadlines.findChildren(QLabel)]
    assert any("缴纳罚款" in one and "待送达后起算" in one for one in beside)
    assert any("行政处罚法第六十七条" in one for one in beside)
    assert of_notice
    assert any("Payment of the fine" in one for one in in_english)

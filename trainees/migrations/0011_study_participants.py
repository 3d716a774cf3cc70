"""Who took part in a study stood in the assessments alone.

Undone, what never stood in the ledger goes: without its state a draft would stand as approved. A
study that was taken back stays, since its lines do; done again, they tell that it was, and over
how many days a study went.
"""

from django.db import migrations

FILL = """
INSERT INTO trainees_studyparticipant (study_id, member_id, organisation_id)
SELECT DISTINCT ON (a.study_id, a.member_id)
       a.study_id, a.member_id, coalesce(e.organisation_id, s.organisation_id)
FROM trainees_assessment a
JOIN trainees_study s ON s.id = a.study_id
LEFT JOIN trainees_creditentry e ON e.assessment_id = a.id AND e.reverses_id IS NULL
ORDER BY a.study_id, a.member_id, e.id DESC NULLS LAST
"""
DAYS = """
UPDATE trainees_study s SET days = last.day - s.held_on + 1
FROM (SELECT study_id, max(occurred_on) AS day FROM trainees_assessment GROUP BY study_id) last
WHERE last.study_id = s.id AND last.day > s.held_on
"""
# Nobody is absent from a study: its lines say so after a way back, if it was taken back.
TAKE_BACK = """
UPDATE trainees_study SET state = 'withdrawn'
FROM (SELECT study_id FROM (
          SELECT DISTINCT ON (study_id, member_id) study_id, cut_reason FROM trainees_assessment
          WHERE study_id IS NOT NULL ORDER BY study_id, member_id, version DESC) latest
      GROUP BY study_id HAVING bool_and(cut_reason = 'absent')) taken_back
WHERE id = study_id
"""
EMPTY = [
    "DELETE FROM trainees_studyparticipant",
    # Reviews go with their table in the next step.
    "ALTER TABLE trainees_studyreview DISABLE TRIGGER trainees_studyreview_append_only",
    "DELETE FROM trainees_studyreview",
    "ALTER TABLE trainees_studyreview ENABLE TRIGGER trainees_studyreview_append_only",
    "DELETE FROM trainees_study s WHERE NOT EXISTS "
    "(SELECT FROM trainees_assessment a WHERE a.study_id = s.id)",
]


class Migration(migrations.Migration):
    dependencies = [("trainees", "0010_study_records")]

    operations = [migrations.RunSQL([FILL, DAYS, TAKE_BACK], EMPTY)]

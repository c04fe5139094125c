-- insights: what some kinds of facts hold beside one number and one label, such as what was bought with an order
alter table insights.signals add column details json;
